#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/http.h"

namespace bot::console {

// Files of projects, which are not trusted, as the pages hand them out. Thread rule: any thread.

/// Whatever a file says of itself, it gets no script, no form and no origin of ours.
inline constexpr const char* kFileSandbox =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A file in a project's folder, never one outside of it: as text, as a picture, or, where a browser would
/// run or render it, or where `download`, as an attachment. Secrets in texts are replaced. 404 with a
/// sentence where it cannot be had.
base::HttpResponse project_file(const std::filesystem::path& folder, const std::string& path, bool download);

bool is_text(const std::string& content);

/// "attachment; filename*=UTF-8''a%20b.txt" (RFC 6266).
std::string attachment_header(std::string_view file_name);

}  // namespace bot::console
