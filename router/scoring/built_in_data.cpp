#include "router/scoring/built_in_data.h"

#include <cstddef>

extern "C" {
extern const char frontdesk_router_weights[];
extern const char frontdesk_router_weights_end[];
extern const char frontdesk_router_concepts[];
extern const char frontdesk_router_concepts_end[];
}

namespace router {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view built_in_weights() {
  return between(frontdesk_router_weights, frontdesk_router_weights_end);
}

std::string_view built_in_concepts() {
  return between(frontdesk_router_concepts, frontdesk_router_concepts_end);
}

}  // namespace router
