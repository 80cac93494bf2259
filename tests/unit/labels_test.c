// SPDX-License-Identifier: GPL-2.0-only
/* The meaning of labels, and messages about their errors. */
#include <stdio.h>

#include "support.h"

#include "labels.h"
#include "policies.h"
#include "print.h"
#include "spec_list.h"

/* The rules of a list, as printed, or the messages about it. */
static char *read_list(const char *list)
{
	struct policy *policy = policy_new();
	struct diagnostics diagnostics = {};
	char *said, *text;

	assert_non_null(policy);
	assert_int_equal(
		spec_list_add(policy, VERDICT_DENY, "label policyctl.deny", list, &diagnostics), 0);
	said = print_diagnostics(&diagnostics);
	text = policy_print(policy);
	policy_free(policy);
	if (!*said) {
		free(said);
		return text;
	}
	free(text);
	return said;
}

static const struct row {
	const char *list, *rules;
} lists[] = {
	{ "tcp", "deny tcp\n" },
	{ "tcp udp", "deny tcp\ndeny udp\n" },
	{ " tcp,\n\tudp, icmp ,", "deny tcp\ndeny udp\ndeny icmp\n" },
	{ "tcp/80,443", "deny tcp dport { 80, 443 }\n" },
	{ "tcp/80,443,udp", "deny tcp dport { 80, 443 }\ndeny udp\n" },
	{ "tcp/80,443,udp/53,8000-8080",
	  "deny tcp dport { 80, 443 }\ndeny udp dport { 53, 8000-8080 }\n" },
	{ "tcp/80,from:udp/53,to:icmp",
	  "deny tcp dport 80\ndeny from udp dport 53\ndeny to icmp\n" },
	{ "tcp/http,https", "deny tcp dport { 80, 443 }\n" },
	{ "tcp/http,udp,arp", "deny tcp dport 80\ndeny udp\ndeny arp\n" },
	{ "ethertype/0x8035,0x88cc,udp", "deny ethertype { 0x8035, 0x88cc }\ndeny udp\n" },
	{ "80,443/tcp", "deny tcp dport { 80, 443 }\n" },
	{ "from:80,443/tcp,53/udp", "deny from tcp dport { 80, 443 }\ndeny udp dport 53\n" },
	{ "http,https/tcp", "deny tcp dport { 80, 443 }\n" },
	{ "udp,443/tcp", "deny udp\ndeny tcp dport 443\n" },
	{ "udp/53,443/tcp", "deny udp dport 53\ndeny tcp dport 443\n" },
	{ "udp/53,67 80,443/tcp", "deny udp dport { 53, 67 }\ndeny tcp dport { 80, 443 }\n" },
	{ "icmp/echo-request,echo-reply", "deny icmp type { echo-reply, echo-request }\n" },
	{ "6,17", "deny tcp\ndeny udp\n" },
	{ "any,tcp/22", "deny any\ndeny tcp dport 22\n" },
	{ "tcp established", "deny tcp\ndeny any established\n" },
	{ "tcp dport 80 peer 198.51.100.0/24", "deny tcp dport 80 peer 198.51.100.0/24\n" },
	{ "tcp/80 peer { 198.51.100.1, 2001:db8::1 } log",
	  "deny tcp dport 80 peer { 198.51.100.1, 2001:db8::1 } log\n" },
	{ "udp/53,67 icmp; from tcp sport 25 ;arp",
	  "deny udp dport { 53, 67 }\ndeny icmp\ndeny from tcp sport 25\ndeny arp\n" },
	{ "to tcp", "deny to tcp\n" },
	{ "tcp\nudp peer 198.51.100.1\nicmp,arp",
	  "deny tcp\ndeny udp peer 198.51.100.1\ndeny icmp\ndeny arp\n" },
};

static void lists_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		char *text = read_list(lists[i].list);

		if (!strstr(text, lists[i].rules))
			fail_msg("'%s' became:\n%s", lists[i].list, text);
		assert_ptr_equal(strstr(text, "deny"), strstr(text, lists[i].rules));
		assert_string_equal(strstr(text, lists[i].rules), lists[i].rules);
		free(text);
	}
}

static const struct row mistakes[] = {
	{ "tcp tpc",
	  "label policyctl.deny:1:5: error: unknown protocol 'tpc', did you mean 'tcp'?\n"
	  "    tcp tpc\n"
	  "        ^~~\n" },
	{ "tcp/80,70000,udp", "label policyctl.deny:1:8: error: port 70000 is larger than 65535\n"
			      "    tcp/80,70000,udp\n"
			      "           ^~~~~\n" },
	{ "tcp\nudp\n\tudp/x", "label policyctl.deny:3:6: error: unknown port 'x'\n"
			       "    \tudp/x\n"
			       "    \t    ^\n" },
	{ "tcp/80, 443", "label policyctl.deny:1:9: error: a port needs its protocol: `tcp/443`\n"
			 "    tcp/80, 443\n"
			 "            ^~~\n" },
	{ "udp/53,80,443/tcp",
	  "label policyctl.deny:1:8: error: does this belong to what is in front of it, or to "
	  "'443/tcp'? Put a blank between the two\n"
	  "    udp/53,80,443/tcp\n"
	  "           ^~\n" },
	{ "icmp; tcp dport 80\nudp;tcp peer @office\n",
	  "label policyctl.deny:2:14: error: unknown set '@office': a set is defined above the "
	  "rules that name it\n"
	  "    udp;tcp peer @office\n"
	  "                 ^~~~~~~\n" },
	{ "udp; tcp dport 80 mirror eth0",
	  "label policyctl.deny:1:6: error: a label cannot say `mirror`: a policy file can, which "
	  "the operator of the host writes\n"
	  "    udp; tcp dport 80 mirror eth0\n"
	  "         ^~~~~~~~~~~~~~~~~~~~~~~~\n" },
	{ "tpc,ucp",
	  "label policyctl.deny:1:1: error: unknown protocol 'tpc', did you mean 'tcp'?\n"
	  "    tpc,ucp\n"
	  "    ^~~\n"
	  "label policyctl.deny:1:5: error: unknown protocol 'ucp', did you mean 'tcp'?\n"
	  "    tpc,ucp\n"
	  "        ^~~\n" },
	{ "", "label policyctl.deny: error: it is empty; it takes SPECs, `tcp/443` for example\n" },
	{ " ,\n",
	  "label policyctl.deny: error: it is empty; it takes SPECs, `tcp/443` for example\n" },
};

static void mistakes_have_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		char *text = read_list(mistakes[i].list);

		assert_string_equal(text, mistakes[i].rules);
		free(text);
	}
}

/* Labels come from images too: their cost is bounded. */
static void long_lists_are_bounded(void **state)
{
	char *list = malloc(SPEC_LIST_MAX + 2), *text;
	size_t errors = 0;

	(void)state;
	for (size_t i = 0; i < SPEC_LIST_MAX; i += 2)
		memcpy(list + i, "x,", 3);
	text = read_list(list);
	for (const char *at = text; (at = strstr(at, "error:")); at++)
		errors++;
	assert_int_equal(errors, SPEC_LIST_MISTAKES);
	free(text);
	strcpy(list + SPEC_LIST_MAX, "x");
	text = read_list(list);
	assert_string_equal(text, "label policyctl.deny: error: a label of more than 4096 bytes is "
				  "not read: write a policy file\n");
	free(text);
	free(list);
}

/* --- labels --- */

#define CONTAINER(...)                                                                        \
	{                                                                                     \
		.labels = (struct label[]){ __VA_ARGS__ },                                    \
		.label_count = sizeof((struct label[]){ __VA_ARGS__ }) / sizeof(struct label) \
	}

static char *everything(const struct container *container)
{
	struct policy *policy = policy_new();
	struct diagnostics diagnostics = {};
	char *said, *text, *both = NULL;

	assert_int_equal(labels_find_unknown(container, &diagnostics), 0);
	assert_int_equal(labels_add_rules(container, policy, &diagnostics), 0);
	assert_int_equal(labels_set_defaults(container, policy, &diagnostics), 0);
	said = print_diagnostics(&diagnostics);
	text = policy_print(policy);
	assert_true(asprintf(&both, "%s%s", said, text) > 0);
	policy_free(policy);
	free(said);
	free(text);
	return both;
}

static void denials_come_first(void **state)
{
	const struct container container =
		CONTAINER({ "policyctl.allow", "tcp/22" }, { "other.deny", "icmp" },
			  { "policyctl.deny", "tcp" }, { "policyctl.default.to", "deny" },
			  { "policyctl.reject", "udp" }, { "policyctl", "not ours" });
	char *text = everything(&container);
	char source[128];

	(void)state;
	assert_string_equal(text, "default from allow\ndefault to deny\n"
				  "deny tcp\nreject udp\nallow tcp dport 22\n");
	free(text);
	labels_describe(&container, source, sizeof(source));
	assert_string_equal(source, "labels policyctl.deny, policyctl.reject, policyctl.allow, "
				    "policyctl.default.to");
}

static void rules_keep_their_order(void **state)
{
	const struct container container =
		CONTAINER({ "policyctl.rules", "allow tcp dport 22; deny tcp\ndefault to deny" },
			  { "policyctl.deny", "icmp" }, { "policyctl.allow", "udp" });
	const struct container wrong = CONTAINER({ "policyctl.rules", "allow tcp;\n deny tpc" });
	const struct container empty = CONTAINER({ "policyctl.rules", " " });
	char *text = everything(&container), source[128];

	(void)state;
	assert_string_equal(text, "default from allow\ndefault to deny\n"
				  "deny icmp\nallow udp\nallow tcp dport 22\ndeny tcp\n");
	free(text);
	labels_describe(&container, source, sizeof(source));
	assert_string_equal(source, "labels policyctl.deny, policyctl.allow, policyctl.rules");
	text = everything(&wrong);
	assert_contains(text, "label policyctl.rules:2:7: error: unknown protocol 'tpc', did you "
			      "mean 'tcp'?\n"
			      "     deny tpc\n"
			      "          ^~~\n");
	free(text);
	text = everything(&empty);
	assert_contains(text, "label policyctl.rules: error: there is no rule in it\n");
	free(text);
}

static void long_rules_are_not_read(void **state)
{
	char value[16386];
	const struct container container = CONTAINER({ "policyctl.rules", value });
	char *text;

	(void)state;
	memset(value, ' ', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	memcpy(value, "deny tcp", 8);
	text = everything(&container);
	assert_contains(text,
			"label policyctl.rules: error: a label of more than 16384 bytes is not "
			"read: write a policy file\n");
	free(text);
}

static void mistakes_name_the_label(void **state)
{
	const struct container container =
		CONTAINER({ "policyctl.dney", "tcp" }, { "policyctl.default.from", "dney" },
			  { "policyctl.default.to", "from:deny" }, { "policyctl.\033[2J", "x" },
			  { "policyctl.default", "deny" });
	char *text = everything(&container);

	(void)state;
	assert_contains(text, "labels: error: unknown label 'policyctl.dney', did you mean "
			      "'policyctl.deny'?\n"
			      "labels: error: unknown label 'policyctl.?[2J'");
	assert_contains(text, "labels: error: unknown label 'policyctl.default', did you mean");
	assert_contains(
		text,
		"label policyctl.default.from:1:1: error: expected `allow`, `deny` or `reject`, "
		"not 'dney'\n"
		"    dney\n    ^~~~\n");
	assert_contains(
		text,
		"label policyctl.default.to:1:1: error: expected `allow`, `deny` or `reject`: "
		"the direction is in the name of the label\n"
		"    from:deny\n    ^~~~~~~~~\n");
	free(text);
}

static void keys_tell_labels_apart(void **state)
{
	const struct container containers[] = {
		CONTAINER({ "policyctl.deny", "tcp" }),
		CONTAINER({ "policyctl.deny", "udp" }),
		CONTAINER({ "policyctl.allow", "tcp" }),
		CONTAINER({ "policyctl.deny", "tcp" }, { "policyctl.allow", "tcp" }),
		CONTAINER({ "policyctl.deny", "tcp" }, { "policyctl.x", "" }),
		CONTAINER({ "policyctl.deny", "" }, { "policyctl.allow", "tcp" }),
		CONTAINER({ "a", "b" }),
		CONTAINER({ "policyctl.audit", "true" }),
		CONTAINER({ "policyctl.audit", "false" }),
	};
	const struct container first = CONTAINER({ "b", "c" }, { "policyctl.deny", "tcp" });
	char *keys[COUNT(containers) + 1];
	size_t sizes[COUNT(containers) + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(containers); i++) {
		keys[i] = labels_key(&containers[i], &sizes[i]);
		for (size_t j = 0; j < i; j++)
			assert_false(sizes[i] == sizes[j] && !memcmp(keys[i], keys[j], sizes[i]));
	}
	keys[COUNT(containers)] = labels_key(&first, &sizes[COUNT(containers)]);
	assert_int_equal(sizes[COUNT(containers)], sizes[0]);
	assert_memory_equal(keys[COUNT(containers)], keys[0], sizes[0]);
	for (size_t i = 0; i <= COUNT(containers); i++)
		free(keys[i]);
	assert_true(container_is_labelled(&first));
	assert_false(container_is_labelled(&containers[6]));
}

static void a_label_audits(void **state)
{
	const struct container yes = CONTAINER({ "policyctl.audit", "true" });
	const struct container no = CONTAINER({ "policyctl.audit", "false" });
	const struct container wrong = CONTAINER({ "policyctl.audit", "yes" });
	const struct container none = CONTAINER({ "policyctl.deny", "tcp" });
	const struct container misspelt = CONTAINER({ "policyctl.Audit", "true" });
	struct diagnostics diagnostics = { 0 };
	char source[64];

	(void)state;
	assert_true(labels_audit(&yes, false) && labels_audit(&yes, true));
	assert_false(labels_audit(&no, false) || labels_audit(&no, true));
	assert_true(labels_audit(&none, true) && !labels_audit(&none, false));
	/* By itself it asks for no policy; a wrong one must not be ignored. */
	assert_false(container_is_labelled(&yes) || container_is_labelled(&no));
	assert_true(container_is_labelled(&wrong) && container_is_labelled(&misspelt));
	assert_int_equal(labels_check_audit(&yes, &diagnostics), 0);
	assert_int_equal(labels_check_audit(&none, &diagnostics), 0);
	assert_int_equal(diagnostics.errors, 0);
	assert_int_equal(labels_check_audit(&wrong, &diagnostics), 0);
	assert_int_equal(diagnostics.errors, 1);
	diagnostics_clear(&diagnostics);
	labels_describe(&yes, source, sizeof(source));
	assert_string_equal(source, "");
}

/* A name that is nearly right must not leave its container without a policy. */
static void misspelt_names_are_ours(void **state)
{
	static const char *const names[] = {
		"Policyctl.deny",
		"POLICYCTL.DENY",
		" policyctl.deny",
		"\tpolicyctl.deny",
		"\xe2\x80\x8bpolicyctl.deny",
		".policyctl.deny",
		"policyctl.deny ",
		"policyctl_deny",
		"policyctl:deny",
		"policyctl-allow",
		"polycictl.deny",
		"policyct.deny",
		"policyctl.Deny",
		"policctl.policy",
		"policyctl default.from",
	};
	static const char *const others[] = {
		"policyctl",
		"policyctls.x",
		"com.example.policyctl",
		"policy.deny",
		"deny",
		"org.opencontainers.image.version",
		"",
		" ",
		"maintainer",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct container container = CONTAINER({ (char *)names[i], "tcp" });
		struct diagnostics diagnostics = {};
		char *text;

		if (!container_is_labelled(&container))
			fail_msg("'%s' is ignored", names[i]);
		assert_int_equal(labels_find_unknown(&container, &diagnostics), 0);
		text = print_diagnostics(&diagnostics);
		assert_contains(text, "labels: error: unknown label '");
		assert_contains(text, "', did you mean 'policyctl.");
		free(text);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		const struct container container = CONTAINER({ (char *)others[i], "tcp" });

		if (container_is_labelled(&container))
			fail_msg("'%s' is taken for ours", others[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(mistakes_have_their_place),
		cmocka_unit_test(long_lists_are_bounded),
		cmocka_unit_test(denials_come_first),
		cmocka_unit_test(rules_keep_their_order),
		cmocka_unit_test(long_rules_are_not_read),
		cmocka_unit_test(mistakes_name_the_label),
		cmocka_unit_test(keys_tell_labels_apart),
		cmocka_unit_test(a_label_audits),
		cmocka_unit_test(misspelt_names_are_ours),
	};

	return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
