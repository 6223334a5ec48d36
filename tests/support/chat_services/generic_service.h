#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/support/chat_services/chat_service.h"

namespace support {

/// The receiver of the generic platform, as somebody sees it who keeps the ids of the calls.
class GenericService final : public ChatService {
 public:
  GenericService();
  ~GenericService() override;

  void configure(Desk& desk) const override;
  base::HttpRequest message(const Said& said) override;
  base::HttpRequest click(const Shown& message, const std::string& label, const std::string& user) override;
  base::HttpRequest forged(base::HttpRequest request) const override;

 protected:
  base::HttpResponse answer(const ServiceCall& call) override;
  bool is_write(const ServiceCall&) const override { return true; }
  base::HttpResponse refusal(int status, const std::string& retry_after) const override;

 private:
  base::HttpRequest call_with(const std::string& body) const;
  int next_ = 1;
  std::map<std::string, std::string> said_;
  std::set<std::string> seen_;
};

}  // namespace support
