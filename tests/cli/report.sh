#!/bin/bash
# policyctl report: one page that stands alone and says what is in force; texts of others stay text.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 dot

HOSTILE='<b>"&veth'
page=$WORK/page.html
new_rooms
must ip netns add other
must ip -n host link add "$HOSTILE" type veth peer name eth0 netns other
must ip -n host addr add 198.18.7.1/24 dev "$HOSTILE"
must ip -n host link set "$HOSTILE" up
must ip -n other addr add 198.18.7.2/24 dev eth0
must ip -n other link set eth0 up

# What a browser makes of the page: its tags, its texts, what it would load.
read_page() { # tags|text|loads
	/usr/bin/python3 - "$page" "$1" <<'END'
import html.parser, re, sys
tags, texts, loads, stack, wrong = set(), [], [], [], []
void = {"meta", "br", "polygon", "path", "ellipse", "link", "img"}
class Page(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        tags.add(tag)
        if tag not in void:
            stack.append(tag)
        for name, value in attributes:
            if name in ("src", "href", "xlink:href", "data", "action") and not (value or "").startswith("#"):
                loads.append(f"{tag} {name}={value}")
            if name.startswith("on"):
                loads.append(f"{tag} {name}")
    def handle_startendtag(self, tag, attributes):
        tags.add(tag)
    def handle_endtag(self, tag):
        if tag in void:
            return
        if not stack or stack.pop() != tag:
            wrong.append(tag)
    def handle_data(self, data):
        if stack and stack[-1] != "style":
            texts.append(data)
text = open(sys.argv[1]).read()
Page().feed(text)
if "url(" in text or "@import" in text:
    loads.append("style")
print({"tags": "\n".join(sorted(tags)), "loads": "\n".join(loads),
       "text": re.sub(r"\s+", " ", " ".join(texts)),
       "wrong": "\n".join(wrong + stack)}[sys.argv[2]])
END
}
says() { # TEXT
	grep -qF -- "$1" <<<"$(read_page text)"
}

say "nothing attached"
does report -o "$page"
check_true "it says so" says "Nothing is attached in this network namespace."

say "two policies"
cat >"$WORK/a.policy" <<'END'
set office { 198.18.7.0/24 }
allow from established
allow to tcp dport 22 peer @office
deny from tcp dport 25
END
does attach veth0 --policy "$WORK/a.policy"
does attach "$HOSTILE" --deny udp
inside container timeout 3 bash -c 'echo >/dev/tcp/198.18.0.1/25' 2>/dev/null
does report -o "$page"
check_true "all is in force" says "All attachments are in force"
check_true "the rule that dropped" says "deny from tcp dport 25"
check_true "the set that a rule names" says "set office { 198.18.7.0/24 }"
check_true "a name with markup stays text" says "$HOSTILE"
check "nothing is loaded, nothing runs" "" "$(read_page loads)"
check_false "no script" grep -qx 'script\|iframe\|img\|link\|b"&veth' <<<"$(read_page tags)"
check "each tag is closed" "" "$(read_page wrong)"
check_true "with a picture" grep -qx svg <<<"$(read_page tags)"
does report -o -
check "standard output has the same page" "$(sed 's/[0-9:]\{8\} local//; s/<title>.*//' "$page" | wc -l)" "$(wc -l <<<"$OUT")"

say "not as it should be"
must tc -n host qdisc del dev veth0 clsact
does report -o "$page"
check_true "it says so first" says "1 attachment is not in force"
does attach veth0 --policy "$WORK/a.policy"
does apply veth0 --audit
does report -o "$page"
check_true "an audit is told" says "1 attachment enforces nothing (audit)"
does detach veth0

say "without Graphviz"
mkdir "$WORK/bin"
in_host env PATH="$WORK/bin" "$POLICYCTL" report -o "$page"
check_true "the page says why there is no picture" says "No picture: SVG is drawn by Graphviz"
check_true "  and has the table" says "all ports"

say "a file that cannot be written"
before=$(md5sum <"$page")
must mkdir "$WORK/directory"
for path in "$WORK/directory" "$WORK/nowhere/page.html"; do
	policyctl report -o "$path"
	check "a failure, with words" 1 "$STATUS"
	check_match "  which name the file" "$path" "$ERR"
done
must mknod "$WORK/full" c 1 7
policyctl report -o "$WORK/full"
check "a full device: a failure" "1 policyctl: $WORK/full: No space left on device" "$STATUS $ERR"
check_true "  and it is the device still" test -c "$WORK/full"
must ln -s page.html "$WORK/link.html"
does report -o "$WORK/link.html"
check_true "a link stays a link" test -L "$WORK/link.html"
before=$(md5sum <"$page")
check "what was there stays" "$before" "$(md5sum <"$page")"
check "no part is left" "" "$(find "$WORK" -name '*.part')"
does detach --all
must ip netns del other
finish
