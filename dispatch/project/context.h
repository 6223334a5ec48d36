#pragma once

#include <filesystem>
#include <string>

namespace dispatch {

/// What a specialist's CLI reads of a project's instructions by itself.
enum class ReadByCli {
  nothing,
  claude_md  ///< as Claude Code does: CLAUDE.md with what it imports, and AGENTS.md where there is no
             ///< CLAUDE.md
};

/// What the people of a project wrote for whoever works there and the CLI does not read by itself, as
/// paragraphs to append to a prompt; empty where there is nothing. That is CLAUDE.md, CLAUDE.local.md and
/// AGENTS.md, those in .claude, the rules in .claude/rules, and the files that they import with "@path"
/// (measured with Claude Code 2.1.330: in plain text, not in code, up to five files deep), all of it within
/// the folder, over links too, and at most 64 KiB: CLAUDE.md and AGENTS.md first, then what they import, then
/// the rules. What has no room is named.
std::string project_context(const std::filesystem::path& folder, ReadByCli by_cli);

/// The CLAUDE.md of a new project; empty where one would hide the AGENTS.md that is there.
std::string first_claude_md(const std::filesystem::path& folder, const std::string& slug,
                            const std::string& description);

}  // namespace dispatch
