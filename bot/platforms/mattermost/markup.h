#pragma once

#include "bot/markup/markup_dialect.h"

namespace bot::mattermost {

/// The `message` of a post: Mattermost's Markdown
/// (https://docs.mattermost.com/collaborate/format-messages.html).
const markup::Dialect& dialect();

}  // namespace bot::mattermost
