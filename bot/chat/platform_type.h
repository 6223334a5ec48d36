#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bot/chat/platform.h"
#include "bot/chat/platform_context.h"
#include "bot/markup/markup_dialect.h"
#include "config/section.h"

namespace bot::chat {

enum class IdOf { person, group };

/// All that the program knows of one chat service before a section of it is made. Each adapter defines its
/// own; bot/platforms/chat_platforms.cpp lists them.
struct PlatformType {
  /// What stands behind `platform =`.
  std::string name;
  /// Who may write where the section does not say: everybody, where the platform proves by itself who it is,
  /// or who was paired.
  enum class Access { open, pairing };
  Access default_access = Access::pairing;
  /// Reads and finishes the section. Throws base::ConfigError.
  std::unique_ptr<Platform> (*make)(config::Section section, const PlatformContext& context);
  /// What is wrong with an id of a person or group in the configuration, to be put behind "<the id> ";
  /// nothing where it is one. Names that people choose themselves are never ids: whoever takes such a name
  /// would take its rights.
  std::optional<std::string> (*id_problem)(std::string_view id, IdOf of);
  /// The section in what `frontdesk init` writes, whole lines of TOML; usually commented out.
  std::string example_section;
  /// How the service writes formatted text; null where it takes Markdown as it is.
  const markup::Dialect& (*dialect)() = nullptr;
  /// What is to be pasted into the service's own settings for that section, in several lines. Null: nothing.
  std::string (*setup_text)(const std::string& public_url, const std::string& section) = nullptr;
};

}  // namespace bot::chat
