#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace router {

/// The words of a text as the scorer reads them: compatibility forms and letter case folded (Unicode NFKC and
/// full case folding), what cannot be seen dropped, look-alike letters of other scripts within a Latin word
/// made Latin, each run of digits one "#". Chinese, Japanese and Thai characters are a word each. Of a text
/// of more than 2,000 characters, the first and the last 1,000 count. Bytes that are not UTF-8 are passed
/// over. Pure.
std::vector<std::string> words_of(std::string_view text);

}  // namespace router
