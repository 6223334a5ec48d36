#pragma once

#include "bot/markup/markup_dialect.h"

namespace bot::discord {

/// The `content` of a Discord message.
const markup::Dialect& dialect();

}  // namespace bot::discord
