#include "tests/contract/chat_service_suite.h"
#include "tests/support/chat_services/telegram_service.h"

namespace {

struct TelegramWebhook {
  support::TelegramService service{support::TelegramService::Transport::webhook};
};
struct TelegramPolling {
  support::TelegramService service{support::TelegramService::Transport::polling};
};

}  // namespace

namespace contract {
CHAT_SERVICE_CONTRACT(TelegramWebhook, TelegramPolling);
}
