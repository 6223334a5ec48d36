#include <functional>
#include <limits>

#include "base/error.h"
#include "base/utf8.h"
#include "config/config_file.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

constexpr int kMaxDepth = 8;

/// Runs the look-up, which returns or throws a ConfigError that names the file.
void look_up(const std::function<void()>& call) {
  try {
    call();
  } catch (const base::ConfigError& e) {
    require(std::string_view(e.what()).starts_with("frontdesk.toml"), "an error names the file");
    require(base::is_utf8(e.what()), "an error is UTF-8");
  }
}

// Secrets are left out: those would be read from files of this machine.
void read_all(config::Section section, int depth) {
  const auto keys = section.keys();
  look_up([&] { section.finish(); });
  for (const auto& key : keys) {
    require(section.has(key), "a key that is listed is there");
    look_up([&] { section.string(key, ""); });
    look_up([&] { section.required_string(key); });
    look_up([&] {
      const auto value = section.integer(key, 1, 0, 10);
      require(value >= 0 && value <= 10, "a number is within its limits");
    });
    look_up([&] {
      const auto value = section.number(key, 0.5, 0, 1);
      require(value >= 0 && value <= 1, "a fraction is within its limits");
    });
    look_up([&] { section.boolean(key, false); });
    look_up([&] { section.strings(key, {}); });
    look_up([&] { section.texts(key); });
    look_up([&] { section.one_of(key, "auto", {"auto", "off"}); });
    look_up([&] { require(section.seconds(key, {}).count() >= 0, "a time is not negative"); });
    look_up([&] { section.file_path(key, "x"); });
    if (depth < kMaxDepth) {
      look_up([&] {
        for (const auto& [name, child] : section.children(key)) {
          read_all(child, depth + 1);
        }
      });
      look_up([&] { read_all(section.child(key), depth + 1); });
    }
  }
  look_up([&] { section.required_string("no such key"); });
}

}  // namespace

void config_file(std::string_view input) {
  look_up([&] { read_all(config::parse_config(std::string(input), "frontdesk.toml", "/"), 0); });
}

}  // namespace fuzz
