#include "tests/contract/chat_service_suite.h"
#include "tests/support/chat_services/discord_service.h"

namespace {

struct Discord {
  support::DiscordService service;
};

}  // namespace

namespace contract {
CHAT_SERVICE_CONTRACT(Discord);
}
