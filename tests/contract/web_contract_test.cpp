#include "tests/contract/chat_service_suite.h"
#include "tests/support/chat_services/page_service.h"

namespace {

/// The program's own page.
struct Page {
  support::PageService service;
};

}  // namespace

namespace contract {
CHAT_SERVICE_CONTRACT(Page);
}
