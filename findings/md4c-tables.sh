#!/bin/bash
# Tables of GitHub's dialect that md4c 0.4.8 (Debian 12: libmd4c-html0 0.4.8-1, MD_DIALECT_GITHUB) does not take for tables,
# or takes part of. Seen:
#   - the line under the head needs three characters for each column, colons counted: |--|--|, |-|-| and |:-|-:| leave a
#     paragraph with bars in it, |:-:|:-:| makes a table. GitHub's specification asks for one hyphen;
#   - a table right under a line of text ("Here it is:", then the head) is text as a whole; GitHub ends the paragraph there.
#     After an empty line it is a table. Models write both of these all the time;
#   - a head of three cells over a line for two columns: a table of two, the third cell of every row is dropped without a
#     word, where GitHub says that it is no table, and shows everything;
#   - a bar in a code span (`a|b`) is kept, where GitHub ends the cell at it, though \| is what both know.
# So before md4c, put an empty line before a head that follows text, and make the hyphens three. A column that has no hyphens
# is lost to the reader. Exits with 1 if any of this is different.
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

cat >"$work/html.c" <<'C'
#include <md4c-html.h>
#include <stdio.h>

static void write_out(const MD_CHAR* text, MD_SIZE size, void* unused) {
  (void)unused;
  fwrite(text, 1, size, stdout);
}

int main(void) {
  static char text[4096];
  const size_t size = fread(text, 1, sizeof text, stdin);
  return md_html(text, (MD_SIZE)size, write_out, NULL, MD_DIALECT_GITHUB, 0);
}
C
gcc -I"$work/root/usr/include" "$work/html.c" -o "$work/html" -L"$libraries" -lmd4c-html -lmd4c

failed=0
check() { # WHAT MARKDOWN EXPECTED, with \n for the ends of lines; the HTML is compared on one line
  local seen
  seen=$(printf '%b\n' "$2" | LD_LIBRARY_PATH=$libraries "$work/html" | tr -d '\n')
  if [ "$seen" = "$3" ]; then
    echo "as described: $1: $seen"
  else
    echo "DIFFERENT: $1: $seen (expected: $3)"
    failed=1
  fi
}
table() { # CELL...: a table of two columns with these four cells
  echo "<table><thead><tr><th>$1</th><th>$2</th></tr></thead><tbody><tr><td>$3</td><td>$4</td></tr></tbody></table>"
}

echo "md4c: $version"
check "three hyphens" '|a|b|\n|---|---|\n|1|2|' "$(table a b 1 2)"
check "two hyphens" '|a|b|\n|--|--|\n|1|2|' '<p>|a|b||--|--||1|2|</p>'
check "one hyphen" '|a|b|\n|-|-|\n|1|2|' '<p>|a|b||-|-||1|2|</p>'
check "one hyphen and a colon" '|a|b|\n|:-|-:|\n|1|2|' '<p>|a|b||:-|-:||1|2|</p>'
check "under a line of text" 'Here it is:\n|a|b|\n|---|---|\n|1|2|' '<p>Here it is:|a|b||---|---||1|2|</p>'
check "after an empty line" 'Here it is:\n\n|a|b|\n|---|---|\n|1|2|' "<p>Here it is:</p>$(table a b 1 2)"
check "three cells, two columns" '|a|b|c|\n|---|---|\n|1|2|3|' "$(table a b 1 2)"
# shellcheck disable=SC2016 # these are marks of code, not commands
check "a bar in code" '|a|b|\n|---|---|\n|`x|y`|2|' "$(table a b '<code>x|y</code>' 2)"
exit "$failed"
