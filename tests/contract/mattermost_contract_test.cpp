#include "tests/contract/chat_service_suite.h"
#include "tests/support/chat_services/mattermost_service.h"

namespace {

struct Mattermost {
  support::MattermostService service;
};

}  // namespace

namespace contract {
CHAT_SERVICE_CONTRACT(Mattermost);
}
