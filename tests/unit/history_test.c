// SPDX-License-Identifier: GPL-2.0-only
/* The history of policies: entries as files, what is kept, what is refused, what undo goes back to.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "history_entry.h"
#include "history_store.h"
#include "ids.h"
#include "support.h"

#define PINS "/sys/fs/bpf/policyctl/net-4711"

static char directory[64];
static unsigned int notices;
static char last_notice[512];

static void hear(const char *words)
{
	notices++;
	snprintf(last_notice, sizeof(last_notice), "%s", words);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status, (void)type, (void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/policyctl-history-XXXXXX");
	assert_non_null(mkdtemp(directory));
	strcat(directory, "/deep/history");
	history_use(directory);
	notice_to(hear);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	history_use(NULL);
	*strstr(directory, "/deep") = '\0';
	return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct policy *policy_of(const char *text)
{
	struct policy *policy = parse_good(text);

	assert_int_equal(policy_assign_ids(policy, NULL), 0);
	return policy;
}

static void record(enum history_event event, const char *text, const char *previous)
{
	struct policy *policy = text ? policy_of(text) : NULL;
	struct policy *old = previous ? policy_of(previous) : NULL;

	history_write(&(struct history_change){
		.pins = PINS,
		.event = event,
		.interface = "veth0",
		.policy = policy,
		.previous = old,
		.previous_time = 1000,
	});
	policy_free(policy);
	policy_free(old);
}

static struct history read_all(void)
{
	struct history history;

	assert_int_equal(history_read(PINS, "veth0", NULL, &history), 0);
	return history;
}

static void check_texts(const char *const *texts, size_t count)
{
	struct history history = read_all();

	assert_int_equal(history.count, count);
	for (size_t i = 0; i < count; i++) {
		if (texts[i])
			assert_contains(history.entries[i].text, texts[i]);
		else
			assert_null(history.entries[i].policy);
	}
	history_clear(&history);
}

/* The path of an entry of the place of veth0. */
static const char *path_of(uint32_t number)
{
	static char path[PATH_MAX];
	char place[HISTORY_PLACE_SIZE];

	history_store_place(PINS, "veth0", NULL, place);
	snprintf(path, sizeof(path), "%s/%s/%08u", directory, place, number);
	return path;
}

static void test_round_trip(void **state)
{
	struct owner owner = { .version = OWNER_VERSION, .manager = OWNER_DAEMON };
	struct policy *policy = policy_of("set a { 198.18.0.0/24 }\ndeny to tcp peer @a\n"
					  "default from deny\n");
	struct history_entry entry = {
		.number = 7,
		.event = HISTORY_UNDONE,
		.back_to = 3,
		.mode_choice = 2,
		.confirm_seconds = 30,
		.time = 1700000000,
		.interface = "veth\xff\"1",
		.owner = owner,
		.policy = policy,
	};
	struct history_entry got;
	size_t length;
	char *text;

	(void)state;
	snprintf(entry.owner.name, sizeof(entry.owner.name), "web\n\"x");
	snprintf(entry.who.command, sizeof(entry.who.command), "policyctl undo veth0");
	policy->rules[0].id = 41;
	policy->next_id = 50;
	assert_int_equal(history_entry_print(&entry, &text, &length), 0);
	assert_int_equal(history_entry_parse(7, text, length, &got), 0);
	assert_false(got.unreadable);
	assert_int_equal(got.event, HISTORY_UNDONE);
	assert_int_equal(got.back_to, 3);
	assert_int_equal(got.mode_choice, 2);
	assert_int_equal(got.confirm_seconds, 30);
	assert_int_equal(got.time, 1700000000);
	assert_string_equal(got.interface, "veth?\"1");
	assert_string_equal(got.owner.name, "web\n\"x");
	assert_int_equal(got.owner.manager, OWNER_DAEMON);
	assert_string_equal(got.who.command, "policyctl undo veth0");
	assert_int_equal(got.policy->rules[0].id, 41);
	assert_int_equal(got.policy->next_id, 50);
	assert_true(history_same(&entry, &got));
	got.mode_choice = 1;
	assert_false(history_same(&entry, &got));
	free(text);
	policy_free(policy);
	history_entry_clear(&got);
}

/* Each is a file that somebody could have put there. */
static void test_untrusted(void **state)
{
	static const char good[] =
		"# policyctl history 1 {\"event\":\"changed\",\"policy\":{\"ids\":[1],"
		"\"sets\":[]}}\ndeny tcp\n";
	static const char *const bad[] = {
		"",
		"deny tcp\n",
		"# policyctl history 1 ",
		"# policyctl history 1 {}\ndeny tcp\n",
		"# policyctl history 2 {\"event\":\"changed\"}\n",
		"# policyctl history 1 {\"event\":\"changed\",\"event\":\"changed\"}\n",
		"# policyctl history 1 [1]\n",
		"# policyctl history 1 {\"event\":\"changed\",\"policy\":{\"ids\":[1]}}\ndeny "
		"tpc\n",
		"# policyctl history 1 {\"event\":\"changed\",\"policy\":{\"ids\":[]}}\ndeny tcp\n",
		"# policyctl history 1 {\"event\":\"changed\",\"policy\":{\"ids\":[-1]}}\ndeny "
		"tcp\n",
		"# policyctl history 1 {\"event\":\"changed\",\"policy\":{\"ids\":[\"1\"]}}\ndeny "
		"tcp\n",
		"# policyctl history 1 "
		"{\"event\":\"changed\",\"policy\":{\"ids\":[1],\"sets\":[]}}\n"
		"set f file \"/etc/passwd\"\ndeny to tcp peer @f\n",
		"# policyctl history 1 {\"event\":\"sneezed\"}\ndeny tcp\n",
	};
	struct history_entry got;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(history_entry_parse(1, bad[i], strlen(bad[i]), &got), 0);
		assert_true(got.unreadable);
		assert_null(got.policy);
		history_entry_clear(&got);
	}
	for (size_t i = 0; i < sizeof(good); i++) { /* cut anywhere */
		assert_int_equal(history_entry_parse(1, good, i, &got), 0);
		history_entry_clear(&got);
	}
	assert_int_equal(history_entry_parse(1, good, strlen(good), &got), 0);
	assert_false(got.unreadable);
	assert_int_equal(got.policy->count, 1);
	history_entry_clear(&got);
}

static void test_found(void **state)
{
	static const char *const texts[] = { "deny udp", "deny tcp", "deny icmp", "deny sctp" };

	(void)state;
	record(HISTORY_CHANGED, "deny tcp", "deny udp"); /* nobody wrote down deny udp */
	record(HISTORY_CHANGED, "deny icmp", "deny tcp");
	record(HISTORY_CHANGED, "deny sctp", "deny icmp");
	check_texts(texts, COUNT(texts));
}

static void test_restart(void **state)
{
	static const char *const texts[] = { "deny udp", "deny tcp", NULL, "deny tcp" };

	(void)state;
	record(HISTORY_ATTACHED, "deny udp", NULL);
	record(HISTORY_ATTACHED, "deny udp", NULL); /* the container was started again */
	record(HISTORY_ATTACHED, "deny tcp", NULL);
	record(HISTORY_DETACHED, NULL, NULL);
	record(HISTORY_ATTACHED, "deny tcp", NULL);
	check_texts(texts, COUNT(texts));
}

static uint32_t before(void)
{
	struct history history = read_all();
	const struct history_entry *entry = history_before(&history);
	uint32_t number = entry ? entry->number : 0;

	history_clear(&history);
	return number;
}

static void test_undo_goes_on(void **state)
{
	(void)state;
	assert_int_equal(before(), 0);
	record(HISTORY_ATTACHED, "deny udp", NULL);
	assert_int_equal(before(), 0);
	record(HISTORY_CHANGED, "deny tcp", "deny udp");
	record(HISTORY_CHANGED, "deny icmp", "deny tcp");
	assert_int_equal(before(), 2);
	record(HISTORY_UNDONE, "deny tcp", "deny icmp"); /* 4, back to 2 */
	assert_int_equal(before(), 1);
	record(HISTORY_UNDONE, "deny udp", "deny tcp"); /* 5, back to 1 */
	assert_int_equal(before(), 0);
	record(HISTORY_CHANGED, "deny sctp", "deny udp"); /* 6 */
	assert_int_equal(before(), 5);
	record(HISTORY_UNDONE, "deny udp", "deny sctp"); /* 7, back to 1 */
	assert_int_equal(before(), 0);
}

static void test_undo_passes_over(void **state)
{
	(void)state;
	record(HISTORY_ATTACHED, "deny udp", NULL);
	record(HISTORY_CHANGED, "deny tcp", "deny udp");
	record(HISTORY_NOT_CONFIRMED, "deny udp", "deny tcp"); /* 3, back to 1 */
	assert_int_equal(before(), 0);
	record(HISTORY_CHANGED, "deny icmp", "deny udp"); /* 4 */
	record(HISTORY_CONFIRMED, "deny icmp", NULL); /* 5 */
	assert_int_equal(before(), 3);
	record(HISTORY_QUARANTINED, "default deny", "deny icmp"); /* 6 */
	record(HISTORY_RELEASED, "deny icmp", "default deny"); /* 7, back to 5 or 4 */
	assert_int_equal(before(), 3);
	record(HISTORY_DETACHED, NULL, NULL);
	record(HISTORY_ATTACHED, "deny sctp", NULL); /* 9 */
	assert_int_equal(before(), 0); /* nothing was attached before it */
}

static void test_bounds(void **state)
{
	char text[64], old[64] = "deny tcp dport 1";
	struct history history;

	(void)state;
	for (int i = 2; i < HISTORY_EACH + 10; i++) {
		snprintf(text, sizeof(text), "deny tcp dport %d", i);
		record(HISTORY_CHANGED, text, old);
		strcpy(old, text);
	}
	history = read_all();
	assert_int_equal(history.count, HISTORY_EACH);
	assert_int_equal(history.entries[0].number, 10);
	assert_int_equal(history.entries[HISTORY_EACH - 1].number, HISTORY_EACH + 9);
	history_clear(&history);
}

static void make_place(const char *name, int days)
{
	const time_t then = time(NULL) - days * 24 * 60 * 60;
	const struct timeval times[2] = { { .tv_sec = then }, { .tv_sec = then } };
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/00000001");
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(utimes(path, times), 0);
}

static bool is_there(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return !access(path, F_OK);
}

static void prune(void)
{
	int store;

	assert_int_equal(history_store_open(false, &store), 0);
	history_store_prune(store, PINS, "nothing");
	close(store);
}

static void test_prune(void **state)
{
	char name[HISTORY_PLACE_SIZE], here[HISTORY_PLACE_SIZE];

	(void)state;
	record(HISTORY_ATTACHED, "deny tcp", NULL);
	history_store_place(PINS, "gone", NULL, here);
	make_place(here, HISTORY_DAYS + 1);
	history_store_place(PINS, "young", NULL, name);
	make_place(name, 1);
	make_place("0123abcd-net-7-interface-veth0-0123456789abcdef", 0); /* of another boot */
	prune();
	assert_false(is_there(here));
	assert_true(is_there(name));
	assert_false(is_there("0123abcd-net-7-interface-veth0-0123456789abcdef"));
	for (int i = 0; i < HISTORY_PLACES + 5; i++) {
		snprintf(name, sizeof(name), "%.60s%d", here, i);
		make_place(name, i < 3 ? 2 : 0);
	}
	prune();
	snprintf(name, sizeof(name), "%.60s%d", here, 0);
	assert_false(is_there(name)); /* the oldest ones go */
	snprintf(name, sizeof(name), "%.60s%d", here, 11);
	assert_true(is_there(name));
}

static void test_permissions(void **state)
{
	struct history history;

	(void)state;
	record(HISTORY_ATTACHED, "deny tcp", NULL);
	record(HISTORY_CHANGED, "deny udp", "deny tcp");
	record(HISTORY_CHANGED, "deny icmp", "deny udp");
	assert_int_equal(chmod(path_of(1), 0620), 0);
	assert_int_equal(rename(path_of(2), "/tmp/policyctl-history-moved"), 0);
	assert_int_equal(symlink("/tmp/policyctl-history-moved", path_of(2)), 0);
	history = read_all();
	assert_int_equal(history.count, 3);
	assert_true(history.entries[0].unreadable);
	assert_true(history.entries[1].unreadable);
	assert_false(history.entries[2].unreadable);
	assert_null(history_before(&history));
	history_clear(&history);
	unlink("/tmp/policyctl-history-moved");
	notices = 0;
	assert_int_equal(chmod(directory, 0777), 0);
	record(HISTORY_CHANGED, "deny tcp", "deny icmp");
	record(HISTORY_CHANGED, "deny udp", "deny tcp");
	assert_int_equal(notices, 1);
	assert_contains(last_notice, "can be written by others");
	assert_int_equal(chmod(directory, 0700), 0);
	record(HISTORY_CHANGED, "deny tcp", "deny udp");
	assert_int_equal(notices, 1);
}

static void test_places(void **state)
{
	struct owner web = { .version = OWNER_VERSION }, other;
	char a[HISTORY_PLACE_SIZE], b[HISTORY_PLACE_SIZE];

	(void)state;
	snprintf(web.name, sizeof(web.name), "web/../..");
	snprintf(web.network, sizeof(web.network), "front");
	history_store_place(PINS, "veth1", &web, a);
	history_store_place(PINS, "veth2", &web, b);
	assert_string_equal(a, b); /* whatever its veth is called */
	assert_null(strchr(a, '/'));
	assert_null(strchr(a, '.'));
	other = web;
	snprintf(other.network, sizeof(other.network), "back");
	history_store_place(PINS, "veth1", &other, b);
	assert_string_not_equal(a, b);
	history_store_place(PINS, "web/../..", NULL, b);
	assert_string_not_equal(a, b);
	memset(web.name, 'x', sizeof(web.name) - 1);
	history_store_place(PINS, "veth1", &web, a);
	assert_true(strlen(a) <= NAME_MAX);
}

static void test_find(void **state)
{
	struct owner web = { .version = OWNER_VERSION, .name = "web", .network = "front" };
	struct policy *policy = policy_of("deny tcp");
	struct history_change change = {
		.pins = PINS,
		.event = HISTORY_ATTACHED,
		.interface = "veth77",
		.owner = &web,
		.policy = policy,
	};
	struct history *found;
	size_t count;

	(void)state;
	memset(web.container, 'a', 64);
	history_write(&change);
	snprintf(web.network, sizeof(web.network), "back");
	history_write(&change);
	record(HISTORY_ATTACHED, "deny udp", NULL);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "web", "aaaaaaaaaaaa", "aaa" };

		assert_int_equal(history_find(PINS, NULL, names[i], &found, &count), 0);
		assert_int_equal(count, i < 2 ? 2 : 0);
		for (size_t j = 0; j < count; j++)
			history_clear(&found[j]);
		free(found);
	}
	assert_int_equal(history_find(PINS, "veth0", NULL, &found, &count), 0);
	assert_int_equal(count, 1);
	history_clear(found);
	free(found);
	policy_free(policy);
}

static void test_none(void **state)
{
	struct history history;

	(void)state;
	history_use("none");
	notices = 0;
	record(HISTORY_ATTACHED, "deny tcp", NULL);
	assert_int_equal(notices, 0);
	assert_int_equal(history_read(PINS, "veth0", NULL, &history), 0);
	assert_int_equal(history.count, 0);
	assert_true(access(directory, F_OK) < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip),   TEST(untrusted),	    TEST(found),  TEST(restart),
		TEST(undo_goes_on), TEST(undo_passes_over), TEST(bounds), TEST(prune),
		TEST(permissions),  TEST(places),	    TEST(find),	  TEST(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
