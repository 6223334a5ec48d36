#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bot/markup/chat_markup.h"
#include "bot/platforms/discord/markup.h"
#include "bot/platforms/mattermost/markup.h"
#include "bot/platforms/slack/markup.h"
#include "bot/platforms/telegram/markup.h"

namespace support {

/// The dialects by name, for tests that run over all of them.
enum class Markup { telegram_html, slack_mrkdwn, discord_markdown, mattermost_markdown, plain };

inline const bot::markup::Dialect& dialect_of(Markup markup) {
  switch (markup) {
    case Markup::telegram_html:
      return bot::telegram::dialect();
    case Markup::slack_mrkdwn:
      return bot::slack::dialect();
    case Markup::discord_markdown:
      return bot::discord::dialect();
    case Markup::mattermost_markdown:
      return bot::mattermost::dialect();
    case Markup::plain:
      break;
  }
  return bot::markup::plain_dialect();
}

inline std::vector<std::string> render_parts(std::string_view markdown, Markup markup, std::size_t limit) {
  return bot::markup::render_parts(markdown, dialect_of(markup), limit);
}

}  // namespace support
