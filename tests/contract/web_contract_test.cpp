#include "tests/contract/chat_service_suite.h"
#include "tests/support/program/own_services.h"

namespace {

/// The program's own page.
struct Page {
  support::PageService service;
};

}  // namespace

namespace contract {
CHAT_SERVICE_CONTRACT(Page);
}
