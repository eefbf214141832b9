#pragma once

#include "actors/context.hpp"

#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <string>

/// What an actor says when it dies from a bug.
namespace dubber {

/// What an exception says.
std::string text_of(const std::exception_ptr& x);

/// Which job a message is about; 0 when it is about none, or several.
std::uint64_t job_of(const caf::mailbox_element* message);

/// The reason names the exception.
template <class Self>
void explain_death(Self* self) {
  self->set_exception_handler([](std::exception_ptr& x) -> caf::error {
    return caf::make_error(caf::sec::runtime_error, text_of(x));
  });
}

/// Also leaves word of the job that it dies over. For actors that all jobs
/// share.
template <class Self>
void leave_word(Self* self) {
  self->set_exception_handler([self](std::exception_ptr& x) -> caf::error {
    auto why = text_of(x);
    self->state.ctx->deaths.say(
      {self->name(), job_of(self->current_mailbox_element()), why});
    return caf::make_error(caf::sec::runtime_error, why);
  });
}

} // namespace dubber
