#include "core/http_call.hpp"

namespace dubber {

std::vector<std::string> pointers_of(const http_call& call) {
  auto out = call.path.pointers;
  auto add = [&](const text_template& text) {
    out.insert(out.end(), text.pointers.begin(), text.pointers.end());
  };
  for (auto& [name, value] : call.headers)
    add(value);
  if (call.body)
    add(*call.body);
  if (call.upload)
    out.push_back(call.upload->pointer);
  return out;
}

std::optional<std::vector<std::string>> pointer_parts(std::string_view text) {
  std::vector<std::string> out;
  if (!text.empty() && text.front() != '/')
    return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    if (c == '/') {
      out.emplace_back();
      continue;
    }
    if (c == '~') {
      if (++i == text.size() || (text[i] != '0' && text[i] != '1'))
        return std::nullopt;
      c = text[i] == '0' ? '~' : '/';
    }
    out.back() += c;
  }
  return out;
}

} // namespace dubber
