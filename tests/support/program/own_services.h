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
