#include "tests/contract/chat_service_suite.h"
#include "tests/support/chat_services/generic_service.h"

namespace {

struct Generic {
  support::GenericService service;
};

}  // namespace

namespace contract {
CHAT_SERVICE_CONTRACT(Generic);
}
