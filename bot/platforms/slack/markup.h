#pragma once

#include "bot/markup/markup_dialect.h"

namespace bot::slack {

/// The `text` of Slack's chat.postMessage: mrkdwn (https://api.slack.com/reference/surfaces/formatting).
const markup::Dialect& dialect();

}  // namespace bot::slack
