/* SPDX-License-Identifier: GPL-2.0-only */
/* Captures that are damaged, or that nobody writes any more: tests/cli has those that tools write.
 */
#include "support.h"

#include <byteswap.h>
#include <errno.h>
#include <unistd.h>

#include "error.h"
#include "link_layer.h"
#include "pcap_file.h"
#include "policy.h"

/* A file that is being written, in one of the byte orders. */
struct writer {
	uint8_t data[4096];
	size_t size;
	bool swapped;
};

static void put(struct writer *writer, const void *bytes, size_t size)
{
	assert_true(writer->size + size <= sizeof(writer->data));
	memcpy(writer->data + writer->size, bytes, size);
	writer->size += size;
}

static void put32(struct writer *writer, uint32_t value)
{
	value = writer->swapped ? bswap_32(value) : value;
	put(writer, &value, sizeof(value));
}

static void put16(struct writer *writer, uint16_t value)
{
	value = writer->swapped ? bswap_16(value) : value;
	put(writer, &value, sizeof(value));
}

static void put_header(struct writer *writer, uint32_t magic, uint32_t link_type)
{
	put32(writer, magic);
	put16(writer, 2);
	put16(writer, 4);
	put32(writer, 0);
	put32(writer, 0);
	put32(writer, 65535);
	put32(writer, link_type);
}

static void put_record(struct writer *writer, uint32_t captured, uint32_t length, const void *bytes,
		       size_t size)
{
	put32(writer, 1);
	put32(writer, 2);
	put32(writer, captured);
	put32(writer, length);
	put(writer, bytes, size);
}

static struct pcap_file *open_writer(const struct writer *writer, int *error)
{
	char path[] = "pcap_file_test.XXXXXX";
	int fd = mkstemp(path);
	struct pcap_file *file = NULL;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, writer->data, writer->size), writer->size);
	close(fd);
	error_clear();
	*error = pcap_file_open(path, &file);
	unlink(path);
	return file;
}

/* Opens it, reads it to its end, and returns how many packets there were; *error is what it ended
 * with. */
static size_t read_all(const struct writer *writer, int *error, struct pcap_packet *last)
{
	struct pcap_file *file = open_writer(writer, error);
	uint8_t *copy = NULL;
	size_t count = 0;

	while (!*error) {
		int got = pcap_file_next(file, last);

		if (got <= 0) {
			*error = got;
			break;
		}
		count++;
		copy = realloc(copy, last->captured + 1); /* the sanitizer sees all of it */
		memcpy(copy, last->frame, last->captured);
	}
	free(copy);
	pcap_file_close(file);
	return count;
}

static const uint8_t packet[20] = { 0x45, [19] = 9 };

static void all_magic_numbers(void **state)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34 };
	struct pcap_packet last;
	int error;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(magics); i++) {
		struct writer writer = { .swapped = i % 2 };
		static const uint8_t more[8];

		put_header(&writer, magics[i / 2], 101);
		for (int n = 0; n < 3; n++) {
			put_record(&writer, 20, 60, more, magics[i / 2] == 0xa1b2cd34 ? 8 : 0);
			put(&writer, packet, 20);
		}
		assert_int_equal(read_all(&writer, &error, &last), 3);
		assert_int_equal(error, 0);
		assert_int_equal(last.captured, 34);
		assert_int_equal(last.length, 74);
		assert_int_equal(last.direction, -1);
	}
}

/* Wherever it ends, all packets in front of the end are read, and the end is told. */
static void a_file_that_ends_anywhere(void **state)
{
	struct writer whole = {};
	struct pcap_packet last;
	int error;

	(void)state;
	put_header(&whole, 0xa1b2c3d4, 1);
	for (int i = 0; i < 3; i++)
		put_record(&whole, 20, 20, packet, 20);
	for (size_t size = 0; size <= whole.size; size++) {
		struct writer writer = whole;
		size_t records = size < 24 ? 0 : (size - 24) / 36;

		writer.size = size;
		assert_int_equal(read_all(&writer, &error, &last), records);
		if (size < 24)
			assert_int_equal(error, -EINVAL);
		else
			assert_int_equal(error, (size - 24) % 36 ? -EIO : 0);
	}
}

static void lengths_that_cannot_be(void **state)
{
	static const uint32_t lengths[] = { (1 << 18) + 1, 0x7fffffff, 0xffffffff, 21 };
	struct pcap_packet last;
	int error;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct writer writer = {};

		put_header(&writer, 0xa1b2c3d4, 1);
		put_record(&writer, lengths[i], lengths[i], packet, 20);
		assert_int_equal(read_all(&writer, &error, &last), 0);
		assert_int_equal(error, -EIO);
	}
}

/* --- pcapng --- */

static void put_section(struct writer *writer)
{
	put32(writer, 0x0a0d0d0a);
	put32(writer, 28);
	put32(writer, 0x1a2b3c4d);
	put16(writer, 1);
	put16(writer, 0);
	put32(writer, -1);
	put32(writer, -1);
	put32(writer, 28);
}

static void put_interface(struct writer *writer, uint16_t link_type, uint32_t snaplen,
			  const char name[8])
{
	put32(writer, 1);
	put32(writer, 32);
	put16(writer, link_type);
	put16(writer, 0);
	put32(writer, snaplen);
	put16(writer, 2);
	put16(writer, 8);
	put(writer, name, 8);
	put32(writer, 32);
}

static void put_packet(struct writer *writer, uint32_t interface, uint32_t captured,
		       uint32_t length)
{
	put32(writer, 6);
	put32(writer, 52);
	put32(writer, interface);
	put32(writer, 0);
	put32(writer, 0);
	put32(writer, captured);
	put32(writer, length);
	put(writer, packet, 20);
	put32(writer, 52);
}

static void interfaces_that_differ(void **state)
{
	struct pcap_packet last;
	struct pcap_file *file;
	int error;

	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		struct writer writer = { .swapped = swapped };

		put_section(&writer);
		put_interface(&writer, 1, 65535, "eth:from");
		put_interface(&writer, 228, 60, "vethx:to");
		put_packet(&writer, 0, 20, 20);
		put_packet(&writer, 1, 20, 1500);
		file = open_writer(&writer, &error);
		assert_int_equal(error, 0);
		assert_int_equal(pcap_file_next(file, &last), 1);
		assert_int_equal(last.direction, PCTL_FROM);
		assert_int_equal(last.captured, 20);
		assert_int_equal(pcap_file_next(file, &last), 1);
		assert_int_equal(last.direction, PCTL_TO);
		assert_int_equal(last.captured, 34);
		assert_int_equal(last.length, 1514);
		assert_int_equal(pcap_file_next(file, &last), 0);
		pcap_file_close(file);
	}
}

/* A new section, in the other byte order, forgets the interfaces of the one before. */
static void files_behind_one_another(void **state)
{
	struct writer writer = {};
	struct pcap_packet last;
	int error;

	(void)state;
	put_section(&writer);
	put_interface(&writer, 1, 0, "eth:from");
	put_packet(&writer, 0, 20, 20);
	writer.swapped = true;
	put_section(&writer);
	put_interface(&writer, 1, 0, "vethx:to");
	put_packet(&writer, 0, 20, 20);
	assert_int_equal(read_all(&writer, &error, &last), 2);
	assert_int_equal(error, 0);
	assert_int_equal(last.direction, PCTL_TO);
	put_section(&writer);
	put_packet(&writer, 0, 20, 20);
	assert_int_equal(read_all(&writer, &error, &last), 2);
	assert_int_equal(error, -EIO); /* it has no interface */
}

static void damaged_blocks(void **state)
{
	struct writer whole = {};
	struct pcap_packet last;
	int error;

	(void)state;
	put_section(&whole);
	put_interface(&whole, 1, 65535, "eth:from");
	put_packet(&whole, 0, 20, 20);
	put_packet(&whole, 0, 20, 20);
	assert_int_equal(read_all(&whole, &error, &last), 2);
	/* Each byte with each of some values: it ends with an error or is read, never more. */
	for (size_t at = 0; at < whole.size; at++)
		for (int value = 0; value < 256; value += 17) {
			struct writer writer = whole;

			writer.data[at] = value;
			assert_true(read_all(&writer, &error, &last) <= 2);
			assert_true(error <= 0);
		}
	for (size_t size = 0; size < whole.size; size++) {
		struct writer writer = whole;

		writer.size = size;
		assert_true(read_all(&writer, &error, &last) <= 1);
		if (size != 28 && size != 60 && size != 112)
			assert_int_not_equal(error, 0);
	}
}

/* --- link layers --- */

static void check_link(uint32_t type, const uint8_t *bytes, size_t size, size_t captured,
		       unsigned int ethertype)
{
	struct link_bytes link = { .captured = size, .length = size };
	uint8_t *memory = malloc(LINK_HEADROOM + size);

	memcpy(memory + LINK_HEADROOM, bytes, size);
	link.data = memory + LINK_HEADROOM;
	assert_int_equal(link_type_check(type), 0);
	link_to_ethernet(type, &link);
	assert_int_equal(link.captured, captured);
	if (captured >= 14)
		assert_int_equal(link.data[12] << 8 | link.data[13], ethertype);
	free(memory);
}

static void link_layers(void **state)
{
	static const uint8_t cooked_llc[40] = { [3] = 1, [5] = 6, [15] = 4 };
	static const uint8_t cooked_can[40] = { [2] = 1, [3] = 24, [15] = 12 };
	static const uint8_t cooked_netlink[40] = { [2] = 3, [3] = 56, [14] = 8 };
	static const uint8_t ipv6[40] = { 0x60 }, other[40] = { 0x50 };
	static const uint8_t inet6_macos[44] = { 30, 0, 0, 0, 0x60 };
	static const uint8_t inet_openbsd[44] = { 0, 0, 0, 2, 0x45 };

	(void)state;
	check_link(LINK_RAW, packet, 20, 34, 0x0800);
	check_link(LINK_RAW, ipv6, 40, 54, 0x86dd);
	check_link(LINK_RAW, other, 40, 54, 0);
	check_link(LINK_RAW, packet, 0, 0, 0);
	check_link(LINK_RAW_BSD, packet, 20, 34, 0x0800);
	check_link(LINK_IPV6, ipv6, 40, 54, 0x86dd);
	check_link(LINK_NULL, inet6_macos, 44, 54, 0x86dd);
	check_link(LINK_LOOP, inet_openbsd, 44, 54, 0x0800);
	check_link(LINK_LOOP, inet_openbsd, 3, 0, 0);
	check_link(LINK_LINUX_SLL, cooked_llc, 40, 38, 24); /* its length, as 802.3 has it */
	check_link(LINK_LINUX_SLL, cooked_can, 40, 38, 0);
	check_link(LINK_LINUX_SLL, cooked_netlink, 40, 38, 0);
	check_link(LINK_LINUX_SLL, cooked_llc, 15, 0, 0);
	check_link(LINK_LINUX_SLL2, cooked_llc, 19, 0, 0);
	assert_int_equal(link_type_check(105), -EINVAL);
	assert_non_null(strstr(error_message(0), "802.11 (link type 105)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_magic_numbers),
		cmocka_unit_test(a_file_that_ends_anywhere),
		cmocka_unit_test(lengths_that_cannot_be),
		cmocka_unit_test(interfaces_that_differ),
		cmocka_unit_test(files_behind_one_another),
		cmocka_unit_test(damaged_blocks),
		cmocka_unit_test(link_layers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
