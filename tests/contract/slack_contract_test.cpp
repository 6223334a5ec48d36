#include "tests/contract/chat_service_suite.h"
#include "tests/support/chat_services/slack_service.h"

namespace {

struct Slack {
  support::SlackService service;
};

}  // namespace

namespace contract {
CHAT_SERVICE_CONTRACT(Slack);
}
