#pragma once

#include "clients/amqp/connection.hpp"

#include <amqp.h>

#include <deque>
#include <vector>

namespace dubber::amqp {

/// A header with a text. @param value Has to outlive it.
amqp_table_entry_t entry(const char* key, const std::string& value);

amqp_table_t table(std::vector<amqp_table_entry_t>& entries);

/// A message's properties and headers as the library takes them.
class outgoing_properties {
public:
  /// @param what Has to outlive it.
  explicit outgoing_properties(const amqp_message& what);
  outgoing_properties(const outgoing_properties&) = delete;
  outgoing_properties& operator=(const outgoing_properties&) = delete;

  const amqp_basic_properties_t* get() const {
    return &properties_;
  }

private:
  void add(const std::string& name, const amqp_value& value);
  void set(const std::string& value, amqp_flags_t flag, amqp_bytes_t& into);

  amqp_basic_properties_t properties_{};
  std::vector<amqp_table_entry_t> headers_;
  std::deque<std::vector<amqp_field_value_t>> lists_;
};

} // namespace dubber::amqp
