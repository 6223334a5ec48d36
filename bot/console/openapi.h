#pragma once

#include <string>

namespace bot::console {

/// The OpenAPI 3.1 description of the API: the files of bot/console/openapi, one for each resource, merged.
/// Built once. Thread rule: any thread.
const std::string& openapi_document();

}  // namespace bot::console
