/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks of pcapng, byte by byte against draft-ietf-opsawg-pcapng. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pcapng.h"

/* Reads a block as the draft describes it, in this machine's byte order. */
struct cursor {
	const uint8_t *data;
	size_t at, size;
};

static uint64_t take(struct cursor *cursor, size_t size)
{
	uint64_t value64;
	uint32_t value32;
	uint16_t value16;

	assert_true(cursor->at + size <= cursor->size);
	memcpy(&value64, cursor->data + cursor->at, size);
	memcpy(&value32, cursor->data + cursor->at, size < 4 ? size : 4);
	memcpy(&value16, cursor->data + cursor->at, 2);
	cursor->at += size;
	return size == 8 ? value64 : size == 4 ? value32 : value16;
}

/* The type and both lengths; from then on the cursor ends in front of the second length. */
static void take_block(struct cursor *cursor, uint32_t type)
{
	uint32_t last;
	size_t total;

	assert_int_equal(take(cursor, 4), type);
	total = take(cursor, 4);
	assert_int_equal(total, cursor->size);
	assert_int_equal(total % 4, 0);
	memcpy(&last, cursor->data + total - 4, 4);
	assert_int_equal(last, total);
	cursor->size -= 4;
}

static struct cursor block_of(const struct pcapng *pcapng, uint32_t type)
{
	struct cursor cursor = { pcapng->data, 0, pcapng->size };

	take_block(&cursor, type);
	return cursor;
}

static void take_option(struct cursor *cursor, unsigned int code, const void *value, size_t size)
{
	static const uint8_t zeros[3];
	size_t padding = (4 - size % 4) % 4;

	assert_int_equal(take(cursor, 2), code);
	assert_int_equal(take(cursor, 2), size);
	assert_true(cursor->at + size + padding <= cursor->size);
	assert_memory_equal(cursor->data + cursor->at, value, size);
	assert_memory_equal(cursor->data + cursor->at + size, zeros, padding);
	cursor->at += size + padding;
}

static void take_text(struct cursor *cursor, unsigned int code, const char *text)
{
	take_option(cursor, code, text, strlen(text));
}

static void take_end(struct cursor *cursor)
{
	assert_int_equal(take(cursor, 4), 0);
	assert_int_equal(cursor->at, cursor->size);
}

static void a_section_begins_the_file(void **state)
{
	static const uint8_t type[] = { 0x0a, 0x0d, 0x0d, 0x0a }; /* the same in both byte orders */
	struct pcapng pcapng = {};
	struct cursor cursor;

	(void)state;
	assert_int_equal(pcapng_section(&pcapng, "policyctl 1.0", "Linux"), 0);
	assert_memory_equal(pcapng.data, type, 4);
	cursor = block_of(&pcapng, 0x0a0d0d0a);
	assert_int_equal(take(&cursor, 4), 0x1a2b3c4d);
	assert_int_equal(take(&cursor, 2), 1);
	assert_int_equal(take(&cursor, 2), 0);
	assert_true(take(&cursor, 8) == UINT64_MAX);
	take_text(&cursor, 3, "Linux");
	take_text(&cursor, 4, "policyctl 1.0");
	take_end(&cursor);
	pcapng_clear(&pcapng);
}

static void interfaces_are_numbered(void **state)
{
	struct pcapng pcapng = {};
	struct cursor cursor;
	size_t second;

	(void)state;
	assert_int_equal(pcapng_interface(&pcapng, "veth0:from", NULL, 65535), 0);
	assert_int_equal(pcapng.interfaces, 1);
	cursor = block_of(&pcapng, 1);
	assert_int_equal(take(&cursor, 2), 1); /* LINKTYPE_ETHERNET */
	assert_int_equal(take(&cursor, 2), 0);
	assert_int_equal(take(&cursor, 4), 65535);
	take_text(&cursor, 2, "veth0:from");
	take_option(&cursor, 9, "\x09", 1);
	take_end(&cursor);

	second = pcapng.size;
	assert_int_equal(pcapng_interface(&pcapng, "veth0:to", "words", 96), 0);
	assert_int_equal(pcapng.interfaces, 2);
	cursor = (struct cursor){ pcapng.data + second, 0, pcapng.size - second };
	take_block(&cursor, 1);
	take(&cursor, 4);
	assert_int_equal(take(&cursor, 4), 96);
	take_text(&cursor, 2, "veth0:to");
	take_text(&cursor, 3, "words");
	take_option(&cursor, 9, "\x09", 1);
	take_end(&cursor);
	pcapng_clear(&pcapng);
}

/* A packet of `captured` bytes: every length of padding, and none. */
static void check_packet(uint32_t captured)
{
	static const uint8_t zeros[3];
	uint8_t data[65535];
	struct pcapng_packet packet = {
		.interface = 3,
		.time_ns = 0x0123456789abcdef,
		.data = data,
		.captured = captured,
		.length = 70000,
		.outbound = captured % 2,
		.comment = "drop by rule 3 (deny tcp)",
	};
	uint32_t flags = captured % 2 ? 2 : 1;
	struct pcapng pcapng = {};
	struct cursor cursor;

	for (uint32_t i = 0; i < captured; i++)
		data[i] = i * 7;
	assert_int_equal(pcapng_packet(&pcapng, &packet), 0);
	cursor = block_of(&pcapng, 6);
	assert_int_equal(take(&cursor, 4), 3);
	assert_int_equal(take(&cursor, 4), 0x01234567);
	assert_int_equal(take(&cursor, 4), 0x89abcdef);
	assert_int_equal(take(&cursor, 4), captured);
	assert_int_equal(take(&cursor, 4), 70000);
	assert_memory_equal(cursor.data + cursor.at, data, captured);
	cursor.at += captured;
	assert_memory_equal(cursor.data + cursor.at, zeros, (4 - captured % 4) % 4);
	cursor.at += (4 - captured % 4) % 4;
	take_text(&cursor, 1, packet.comment);
	take_option(&cursor, 2, &flags, 4);
	take_end(&cursor);
	pcapng_clear(&pcapng);
}

static void packets_of_all_lengths(void **state)
{
	(void)state;
	for (uint32_t captured = 0; captured < 70; captured++)
		check_packet(captured);
	check_packet(65533);
	check_packet(65534);
	check_packet(65535);
}

static void statistics_have_big_counts(void **state)
{
	static const struct pcapng_statistics given = {
		.interface = 1,
		.time_ns = 0x1122334455667788,
		.start_ns = 0x1122334400000001,
		.end_ns = 0x1122334455667788,
		.delivered = 0x100000000,
		.losses_known = true,
		.lost = 0x8000000000000000,
		.comment = "all",
	};
	/* Times are two words, the higher one first; counts are one number. */
	static const uint32_t start[] = { 0x11223344, 1 }, end[] = { 0x11223344, 0x55667788 };
	uint64_t received = given.delivered + given.lost;
	struct pcapng_statistics unknown = given;
	struct pcapng pcapng = {};
	struct cursor cursor;

	(void)state;
	assert_int_equal(pcapng_statistics(&pcapng, &given), 0);
	cursor = block_of(&pcapng, 5);
	assert_int_equal(take(&cursor, 4), 1);
	assert_int_equal(take(&cursor, 4), 0x11223344);
	assert_int_equal(take(&cursor, 4), 0x55667788);
	take_text(&cursor, 1, "all");
	take_option(&cursor, 2, start, 8);
	take_option(&cursor, 3, end, 8);
	take_option(&cursor, 4, &received, 8);
	take_option(&cursor, 5, &given.lost, 8);
	take_option(&cursor, 8, &given.delivered, 8);
	take_end(&cursor);

	pcapng.size = 0;
	unknown.losses_known = false;
	unknown.comment = NULL;
	assert_int_equal(pcapng_statistics(&pcapng, &unknown), 0);
	cursor = block_of(&pcapng, 5);
	cursor.at += 12;
	take_option(&cursor, 2, start, 8);
	take_option(&cursor, 3, end, 8);
	take_option(&cursor, 8, &given.delivered, 8);
	take_end(&cursor);
	pcapng_clear(&pcapng);
}

/* The name of an interface may be any bytes. */
static void check_text(const char *given, const char *expected)
{
	struct pcapng pcapng = {};
	struct cursor cursor;

	assert_int_equal(pcapng_interface(&pcapng, given, NULL, 1), 0);
	cursor = block_of(&pcapng, 1);
	cursor.at += 8;
	take_text(&cursor, 2, expected);
	take_option(&cursor, 9, "\x09", 1);
	take_end(&cursor);
	pcapng_clear(&pcapng);
}

static void texts_are_utf8(void **state)
{
	static const struct {
		const char *given, *written;
	} texts[] = {
		{ "", "" },
		{ "veth", "veth" },
		{ "\xc2\xa2\xe2\x82\xac\xf0\x9f\x90\xa7", "\xc2\xa2\xe2\x82\xac\xf0\x9f\x90\xa7" },
		{ "a\xff"
		  "b",
		  "a?b" },
		{ "\x80", "?" }, /* begins with the rest of a character */
		{ "a\xe2\x82", "a??" }, /* ends within one */
		{ "\xc0\xaf", "??" }, /* an overlong form */
		{ "\xe0\x80\xaf", "???" },
		{ "\xed\xa0\x80", "???" }, /* a surrogate */
		{ "\xf4\x90\x80\x80", "????" }, /* above U+10FFFF */
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		{ "\xf8\x88\x80\x80\x80", "?????" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		check_text(texts[i].given, texts[i].written);
}

/* An option has 16 bits for its length. */
static void long_texts_are_cut_between_characters(void **state)
{
	char *given = malloc(70001), *expected = malloc(70001);

	(void)state;
	memset(given, 'x', 70000);
	given[70000] = '\0';
	memcpy(given + 65533, "\xe2\x82\xac", 3); /* its last byte has no room */
	memcpy(expected, given, 70001);
	expected[65533] = '\0';
	check_text(given, expected);
	memcpy(given + 65532, "\xe2\x82\xacx", 4); /* it ends where the room does */
	memcpy(expected, given, 65535);
	expected[65535] = '\0';
	check_text(given, expected);
	free(given);
	free(expected);
}

static void what_is_collected_is_written_once(void **state)
{
	struct pcapng pcapng = {};
	uint8_t *copy = malloc(1 << 20), *back = malloc(1 << 20);
	char path[] = "pcapng_test.XXXXXX";
	int fd = mkstemp(path);
	size_t size;

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(pcapng_section(&pcapng, "p", NULL), 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(pcapng_interface(&pcapng, "veth0:from", "words", i), 0);
	size = pcapng.size;
	assert_true(size < 1 << 20);
	memcpy(copy, pcapng.data, size);
	assert_int_equal(pcapng_flush(&pcapng, fd), 0);
	assert_int_equal(pcapng.size, 0);
	assert_int_equal(pcapng_flush(&pcapng, fd), 0);
	assert_int_equal(pread(fd, back, 1 << 20, 0), size);
	assert_memory_equal(copy, back, size);
	close(fd);
	free(copy);
	free(back);
	pcapng_clear(&pcapng);
}

/* No room at all, and room for a part of it. */
static void an_error_comes_back(void **state)
{
	int full = open("/dev/full", O_WRONLY), ends[2];
	struct pcapng pcapng = {};

	(void)state;
	assert_int_equal(pcapng_section(&pcapng, "p", NULL), 0);
	assert_int_equal(pcapng_flush(&pcapng, full), -ENOSPC);
	assert_int_equal(pcapng.size, 0);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(pcapng_interface(&pcapng, "veth0:from", "words", i), 0);
	assert_int_equal(pcapng_flush(&pcapng, ends[1]), -EAGAIN);
	close(full);
	close(ends[0]);
	close(ends[1]);
	pcapng_clear(&pcapng);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_begins_the_file),
		cmocka_unit_test(interfaces_are_numbered),
		cmocka_unit_test(packets_of_all_lengths),
		cmocka_unit_test(statistics_have_big_counts),
		cmocka_unit_test(texts_are_utf8),
		cmocka_unit_test(long_texts_are_cut_between_characters),
		cmocka_unit_test(what_is_collected_is_written_once),
		cmocka_unit_test(an_error_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
