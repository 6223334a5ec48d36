#pragma once

#include "bot/markup/markup_dialect.h"

namespace bot::telegram {

/// parse_mode HTML of the Bot API (https://core.telegram.org/bots/api#html-style). Only visible text counts
/// as units.
const markup::Dialect& dialect();

}  // namespace bot::telegram
