#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/file.h"
#include "tests/fuzz/targets.h"
#include "tests/support/checkout.h"

namespace {

namespace fs = std::filesystem;

constexpr int kMutations = 500;
constexpr std::size_t kMaxBytes = 4096;

/// The same inputs in every run: what the standard library's distributions do is not fixed.
class Mutator {
 public:
  Mutator(std::string_view name, const std::vector<std::string>& seeds) : seeds_(seeds) {
    std::seed_seq seed(name.begin(), name.end());
    random_.seed(seed);
  }

  std::string next() {
    std::string bytes = any_seed();
    for (auto changes = below(4) + 1; changes > 0; --changes) {
      change(bytes);
    }
    bytes.resize(std::min(bytes.size(), kMaxBytes));
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  const std::string& any_seed() { return seeds_[below(seeds_.size())]; }

  void change(std::string& bytes) {
    static const std::vector<std::string> kWords = {std::string(1, '\0'),
                                                    "\xff",
                                                    "\xE2\x80",
                                                    "\xED\xA0\x80",
                                                    "\\ud800",
                                                    "\r\n",
                                                    "\n\n",
                                                    "\"",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    ":",
                                                    ",",
                                                    "null",
                                                    "-1",
                                                    "9223372036854775807",
                                                    "18446744073709551615",
                                                    "1e308",
                                                    "data: ",
                                                    "](http://",
                                                    "`",
                                                    "*",
                                                    "> "};
    const auto at = below(bytes.size() + 1);
    const auto length = below(bytes.size() - at + 1);
    switch (below(6)) {
      case 0:
        if (at < bytes.size()) {
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        }
        break;
      case 1:
        bytes.erase(at, std::min<std::size_t>(length, 16));
        break;
      case 2:
        bytes.erase(at);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, length));
        break;
      case 4: {
        const auto& other = any_seed();
        bytes.replace(at, length, other.substr(below(other.size() + 1)));
        break;
      }
      default:
        bytes.insert(at, kWords[below(kWords.size())]);
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_;
};

fs::path corpus() {
  return fs::path(support::source_dir()) / "tests" / "fuzz" / "corpus";
}

std::string printable(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte >= 0x7f || c == '\\' ? fmt::format("\\{:03o}", byte) : std::string(1, c);
  }
  return out;
}

void run(const fuzz::Target& target, const std::string& bytes, const std::string& name) {
  CAPTURE(name);
  try {
    target.run(bytes);
  } catch (const std::exception& e) {
    // As printf takes it, to be made a file of the corpus.
    FAIL_CHECK(std::string(e.what()) << "\n  " << printable(bytes));
  }
}

void replay(std::string_view name) {
  const auto* target = fuzz::find_target(name);
  REQUIRE(target != nullptr);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(corpus() / name)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  std::vector<std::string> seeds;
  for (const auto& file : files) {
    seeds.push_back(base::read_file(file));
    run(*target, seeds.back(), file.filename().string());
  }
  Mutator mutator(name, seeds);
  for (int i = 0; i < kMutations; ++i) {
    run(*target, mutator.next(), fmt::format("mutation {}", i));
  }
}

TEST_CASE("any Anthropic stream is an answer or an error") {
  replay("anthropic_stream");
}

TEST_CASE("any Markdown becomes messages that each service takes") {
  replay("chat_markup");
}

TEST_CASE("any stream of Claude Code can be followed and answered") {
  replay("claude_code_stream");
}

TEST_CASE("any text is a command or none") {
  replay("command");
}

TEST_CASE("any configuration file is read or refused") {
  replay("config_file");
}

TEST_CASE("any signed interaction of Discord is taken or refused") {
  replay("discord_interaction");
}

TEST_CASE("any header fields can be looked at") {
  replay("http_fields");
}

TEST_CASE("any bytes on a connection are requests or refused, however they are cut") {
  replay("http_request");
}

TEST_CASE("any bytes are JSON or not") {
  replay("json");
}

TEST_CASE("any Markdown becomes safe HTML") {
  replay("markdown");
}

TEST_CASE("any call of Mattermost, and any post, is taken or refused") {
  replay("mattermost_webhook");
}

TEST_CASE("any stream of an OpenAI-compatible server is an answer or an error") {
  replay("openai_stream");
}

TEST_CASE("any file is a picture of a bounded size, or refused") {
  replay("picture");
}

TEST_CASE("any selector selects from any event") {
  replay("selector");
}

TEST_CASE("any bytes can be cut into events") {
  replay("server_sent_events");
}

TEST_CASE("any signed event of Slack is taken or refused") {
  replay("slack_events");
}

TEST_CASE("any signed command or click of Slack is taken or refused") {
  replay("slack_form");
}

TEST_CASE("any update of Telegram is taken or refused") {
  replay("telegram_update");
}

TEST_CASE("any text can be repaired and cut") {
  replay("text");
}

TEST_CASE("any signed webhook body is taken or refused") {
  replay("webhook_body");
}

TEST_CASE("every target has a corpus and is replayed here") {
  const auto own = base::read_file(fs::path(support::source_dir()) / "tests" / "fuzz" / "corpus_test.cpp");
  for (const auto& target : fuzz::targets()) {
    CAPTURE(std::string(target.name));
    CHECK(fs::is_directory(corpus() / target.name));
    CHECK(own.find(fmt::format("replay(\"{}\");", target.name)) != std::string::npos);
  }
  for (const auto& entry : fs::directory_iterator(corpus())) {
    CAPTURE(entry.path().string());
    CHECK(fuzz::find_target(entry.path().filename().string()) != nullptr);
  }
}

}  // namespace
