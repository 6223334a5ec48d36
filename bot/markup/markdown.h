#pragma once

#include <string>
#include <string_view>

namespace bot::markup {

/// HTML of the Markdown (CommonMark with tables, strike-through and bare links, by md4c) that is safe to
/// show: HTML in the text stays text, images become links, and addresses other than http, https and mailto
/// are dropped.
std::string markdown_to_html(std::string_view markdown);

}  // namespace bot::markup
