#!/bin/bash
# Bare addresses in md4c 0.4.8 (Debian 12: libmd4c-html0 0.4.8-1, MD_DIALECT_GITHUB). Seen:
#   - where one of two ** became part of an address, the other still counts: a span is left that was never entered
#     (`https://example.com/path**bold** x` gives </strong> without <strong>), or entered and never left
#     (`x **https://example.com/a**/b`), so that callbacks are not balanced, and the HTML neither;
#   - a bare address in the words of a link becomes a link in the link: <a> within <a>, which browsers take apart;
#   - http://localhost:8080/ is no link (a dot is wanted; http://127.0.0.1:8080/ is one), nor is HTTP://example.com/;
#     cmark-gfm, which reads the same dialect, links both, and none of the above happens there.
# One would guess that enter and leave come in pairs whatever the text, and that the address a developer meets most is a
# link. Keep the open spans by kind, ignore a leave without an enter, close at the block's end, drop a link in a link.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work

version=0.4.8-1
(
  cd "$work"
  apt-get -qq -o APT::Sandbox::User=root download "libmd4c-dev=$version" "libmd4c0=$version" \
    "libmd4c-html0-dev=$version" "libmd4c-html0=$version"
  for package in *.deb; do dpkg -x "$package" root; done
)
libraries=$work/root/usr/lib/$(gcc -print-multiarch)

cat >"$work/show.c" <<'C'
#include <md4c-html.h>
#include <md4c.h>
#include <stdio.h>
#include <string.h>

static int depth, lowest, spans_entered, spans_left;

static int enter_span(MD_SPANTYPE type, void* detail, void* unused) {
  (void)type, (void)detail, (void)unused;
  ++spans_entered, ++depth;
  return 0;
}
static int leave_span(MD_SPANTYPE type, void* detail, void* unused) {
  (void)type, (void)detail, (void)unused;
  ++spans_left, --depth;
  if (depth < lowest) lowest = depth;
  return 0;
}
static int block(MD_BLOCKTYPE type, void* detail, void* unused) {
  (void)type, (void)detail, (void)unused;
  return 0;
}
static int text_of(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* unused) {
  (void)type, (void)text, (void)size, (void)unused;
  return 0;
}
static void write_out(const MD_CHAR* text, MD_SIZE size, void* unused) {
  (void)unused;
  fwrite(text, 1, size, stdout);
}

int main(int argc, char** argv) { // spans | html, for the text on the standard input
  static char text[4096];
  const size_t size = fread(text, 1, sizeof text, stdin);
  if (argc > 1 && strcmp(argv[1], "html") == 0) {
    return md_html(text, (MD_SIZE)size, write_out, NULL, MD_DIALECT_GITHUB, 0);
  }
  MD_PARSER parser = {0, MD_DIALECT_GITHUB, block, block, enter_span, leave_span, text_of, NULL, NULL};
  md_parse(text, (MD_SIZE)size, &parser, NULL);
  printf("entered %d, left %d, lowest depth %d\n", spans_entered, spans_left, lowest);
  return 0;
}
C
gcc -I"$work/root/usr/include" "$work/show.c" -o "$work/show" -L"$libraries" -lmd4c-html -lmd4c

failed=0
check() { # spans|html MARKDOWN EXPECTED
  local seen
  seen=$(printf '%s\n' "$2" | LD_LIBRARY_PATH=$libraries "$work/show" "$1" | tr -d '\n')
  if [ "$seen" = "$3" ]; then
    echo "as described: $2: $seen"
  else
    echo "DIFFERENT: $2: $seen (expected: $3)"
    failed=1
  fi
}
link() { # ADDRESS
  echo "<a href=\"$1\">$1</a>"
}

echo "md4c: $version"
never_entered='https://example.com/path**bold** x'
never_left='x **https://example.com/a**/b'
address='https://example.com/path**bold'
check spans "$never_entered" "entered 1, left 2, lowest depth -1"
check html "$never_entered" "<p>$(link "$address")</strong> x</p>"
check spans "$never_left" "entered 2, left 1, lowest depth 0"
check html "$never_left" "<p>x <strong>$(link 'https://example.com/a**/b')</p>"
inner=http://example.com/a
check html "[see $inner](http://example.com/b)" "<p><a href=\"http://example.com/b\">see $(link "$inner")</a></p>"
check html "http://localhost:8080/" "<p>http://localhost:8080/</p>"
check html "http://127.0.0.1:8080/" "<p>$(link http://127.0.0.1:8080/)</p>"
check html "HTTP://example.com/" "<p>HTTP://example.com/</p>"
exit "$failed"
