#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bot::markup {

/// The forms in which chat services take formatted text.
enum class Markup {
  telegram_html,     ///< parse_mode HTML of Telegram's Bot API
  slack_mrkdwn,      ///< the `text` of Slack's chat.postMessage
  discord_markdown,  ///< the `content` of a Discord message
  plain,             ///< text without marks, readable as it is
};

/// The smallest limit that is kept; a smaller one counts as this.
constexpr std::size_t kSmallestMarkupLimit = 128;

/// The Markdown in that form, in pieces of at most `limit` UTF-16 units each, every one well formed alone and
/// not blank; none where there is nothing to read. For telegram_html only visible text counts for the limit,
/// and a piece holds at most 100 tags and 4 * limit bytes; all else counts for the others.
///
/// A piece ends between blocks where that is possible, then at a line of code (the fence is closed and opened
/// again) or at the end of a sentence or word, and never inside a character. A heading stays with what
/// follows it. Nothing in the text makes marks, tags or mentions of everybody (@everyone, <!channel>, <@1>)
/// of its own; mentions in code are left, as no service obeys them there. Any input will do; pure function.
std::vector<std::string> render_pieces(std::string_view markdown, Markup markup, std::size_t limit);

}  // namespace bot::markup
