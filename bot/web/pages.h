#pragma once

#include <string>
#include <string_view>

#include "base/http.h"
#include "bot/web/session.h"

namespace bot::web {

/// index.html or admin.html for somebody who is signed in, with their token against requests of other sites,
/// their name, and whom of the chat they are.
base::HttpResponse signed_in_page(std::string_view name, const Visitor& visitor);

/// Where somebody without a session can sign in: the form, which leads to `wanted` afterwards, or where to
/// find the address with the token. 401.
base::HttpResponse sign_in_page(const Session& session, const std::string& wanted);
/// The same with a sentence about what was typed.
base::HttpResponse wrong_password_page(const Session& session, const std::string& wanted);
/// Whether the console has a section of that name: "/admin/log/17".
bool is_section_of_console(std::string_view path);

/// Whether another site has put it into a page of its own, as a picture or a frame.
bool is_embedded(const base::HttpRequest& request);

/// Whether somebody followed a link from another site: then the browser keeps our cookie back, which is for
/// requests of our own pages alone.
bool came_by_link(const base::HttpRequest& request);

/// A page that asks for `wanted` at once, which brings the cookie along.
base::HttpResponse ask_again_page(const std::string& wanted);

/// What somebody finds at the chat page who may not chat. 403.
base::HttpResponse no_chat_page();

base::HttpResponse redirect(const std::string& to);

/// The headers that every page and every answer of its API has.
void harden(base::HttpResponse& response);

/// The path and query of the request, for the form.
std::string wanted_of(const base::HttpRequest& request);

/// Where to go after signing in: `wanted`, where it is one of our pages and `chats` allows it.
std::string target_of(const std::string& wanted, bool chats);

}  // namespace bot::web
