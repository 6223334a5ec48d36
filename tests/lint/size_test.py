#!/usr/bin/env python3
"""Plants what tests/lint/size.py must catch, and what it must not, in trees of its own."""
import pathlib
import tempfile
import unittest

import size


def function(lines, head="int f() {"):
    return head + "\n" + "  g();\n" * (lines - 2) + "}\n"


class SizeTest(unittest.TestCase):
    def check(self, files, exceptions=None):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return size.check(root, exceptions=exceptions or {})

    def names(self, text):
        report = self.check({"base/a.cpp": text})
        self.assertEqual(report.problems, [])
        return [(f.name, f.lines) for f in report.functions]

    def test_a_function_at_the_bound_passes_and_one_line_more_is_caught(self):
        self.assertEqual(self.check({"base/a.cpp": function(60)}).problems, [])
        self.assertEqual(
            self.check({"bot/runs/a.cpp": "\n\n" + function(61)}).problems,
            ["bot/runs/a.cpp:3: f has 61 lines; at most 60"],
        )

    def test_a_file_at_the_bound_passes_and_one_line_more_is_caught(self):
        for folder, most in (("tests/support", 400), ("tests/bench", 400), ("store", 400), ("tests/unit", 600)):
            self.assertEqual(self.check({folder + "/a.cpp": "\n" * most}).problems, [])
            self.assertEqual(
                self.check({folder + "/a.cpp": "\n" * (most + 1)}).problems,
                [f"{folder}/a.cpp: the file has {most + 1} lines; at most {most}"],
            )

    def test_a_test_case_is_named_by_its_sentence(self):
        for macro in ("TEST_CASE(", "TEST_CASE_FIXTURE(Fixture, ", 'TEST_CASE_TEMPLATE("', ):
            head = macro.rstrip('"') + '"it works"'
            head += ", Kind, A, B) {" if "TEMPLATE" in macro else ' "\n          "and ends" * doctest::timeout(9)) {'
            report = self.check({"tests/unit/a_test.cpp": "namespace {\n" + function(61, head) + "}\n"})
            self.assertEqual(len(report.problems), 1, head)
            self.assertRegex(report.problems[0], r"^tests/unit/a_test\.cpp:2: it works.* has 6\d lines; at most 60$")

    def test_cases_in_a_suite_and_functions_in_a_class_are_counted_one_by_one(self):
        text = (
            'TEST_SUITE("threaded: x") {\n' + function(40, 'TEST_CASE("a") {') + function(40, 'TEST_CASE("b") {') + "}\n"
            "class C final : public D<int> {\n public:\n" + function(40, "  void m() const override {") + " private:\n"
            + function(40, "  C() : a_(1), b_{2, {3}}, c_{} {") + "  int a_ = 1;\n  std::vector<int> b_{1, 2};\n};\n"
            "struct flock lock_of(int fd) {\n  return {};\n}\n"
        )
        self.assertEqual(
            self.names(text), [("a", 40), ("b", 40), ("m", 40), ("C", 40), ("lock_of", 3)]
        )

    def test_heads_of_every_kind_are_functions(self):
        for head, name in (
            ("std::map<int, int> ns::Class::method(int a = f({1}), const char* s = \"{\") const noexcept {", "ns::Class::method"),
            ("template <typename T, int N = 3>\nauto f(T x) -> std::vector<T> {", "f"),
            ("Class::~Class() {", "Class::~Class"),
            ("bool operator==(const A& a, const B& b) {", "operator=="),
            ("int Class::operator()(int a) {", "Class::operator()"),
            ("Class::Class(int a) noexcept\n    : Base<int>{a}, member_(std::move(a)) {", "Class::Class"),
            ("[[nodiscard]] static constexpr int f() noexcept(true) {", "f"),
            ("int main(int argc, char** argv) try {", "main"),
            ("extern \"C\" int entry(void) {", "entry"),
        ):
            found = self.names(head + "\n" + "  g();\n" * 5 + "}\n")
            self.assertEqual([n for n, _ in found], [name], head)

    def test_what_is_no_function_is_not_counted(self):
        self.assertEqual(
            self.names(
                "namespace a::b {\nenum class E { one, two };\nconst std::map<int, int> kTable = {\n" + "  {1, 2},\n" * 80 +
                "};\nconst auto kLambda = [](int x) {\n" + "  g();\n" * 80 + "};\nstd::function<void(int)> hook{nullptr};\n"
                "extern \"C\" {\nint declared(int);\n}\nunion U {\n  int i;\n};\n}\n"
            ),
            [],
        )

    def test_braces_in_comments_strings_and_characters_are_no_braces(self):
        self.assertEqual(
            self.names(
                "#define OPEN {\n#define LONG(x) \\\n  if (x) {\n"
                "int f() {\n  // { it's\n  /* { \" \n { */\n  a = \"{\\\"{\";\n  b = '{';\n  c = '\\'';\n  d = 1'000 + 0x1F'FF + 1e+5 + 1'000; { k('}'); }\n"
                "  e = R\"({\" \\)\";\n  h = u8R\"toml(\n{{{ )\" )x\"\n)toml\";\n  i = L'\\\\';\n}\n"
            ),
            [("f", 14)],
        )

    def test_braces_that_do_not_match_are_told(self):
        for text in ("int f() {\n", "}\n", "}\nnamespace a {\n", "namespace a {\n", "int f( {}\n"):
            report = self.check({"base/a.cpp": text})
            self.assertEqual(len(report.problems), 1, text)
            self.assertIn("base/a.cpp: cannot be read: ", report.problems[0])

    def test_an_exception_holds_for_its_lines_and_no_more(self):
        key = "base/a.cpp: f"
        files = {"base/a.cpp": function(70)}
        self.assertEqual(self.check(files, {key: size.Allowed(70, "a table")}).problems, [])
        self.assertEqual(
            self.check(files, {key: size.Allowed(69, "a table")}).problems,
            ["base/a.cpp:1: f has 70 lines; the exception allows 69"],
        )
        self.assertEqual(self.check({"base/a.cpp": "\n" * 401}, {"base/a.cpp": size.Allowed(401, "data")}).problems, [])

    def test_an_exception_that_no_longer_applies_is_an_error(self):
        for files in ({"base/a.cpp": function(60)}, {"base/b.cpp": ""}):
            report = self.check(files, {"base/a.cpp: f": size.Allowed(70, "a table")})
            self.assertEqual(len(report.problems), 1)
            self.assertIn("base/a.cpp: f: the exception no longer applies", report.problems[0])

    def test_every_exception_says_why(self):
        for key, allowed in size.EXCEPTIONS.items():
            self.assertTrue(allowed.why.strip(), key)


if __name__ == "__main__":
    unittest.main()
