#pragma once

#include <map>
#include <string>

#include "tests/support/chat_services/chat_service.h"

namespace support {

/// The chat page, by its own API; nothing of it is outside of the program.
class PageService final : public ChatService {
 public:
  void configure(Desk& desk) const override;
  base::HttpRequest message(const Said& said) override;
  base::HttpRequest click(const Shown& message, const std::string& label, const std::string& user) override;
  base::HttpRequest forged(base::HttpRequest request) const override;
  base::HttpResponse tell(const Desk& desk, const base::HttpRequest& request) override;
  bool is_remote() const override { return false; }
  std::vector<Shown> shown() const override;

 protected:
  base::HttpResponse answer(const ServiceCall&) override { return {}; }
  bool is_write(const ServiceCall&) const override { return false; }
  base::HttpResponse refusal(int, const std::string&) const override { return {}; }

 private:
  const Desk* desk_ = nullptr;  ///< the one that was told last
  std::string cookie_;
  int next_ = 1;
  std::map<std::string, std::string> said_;
};

}  // namespace support
