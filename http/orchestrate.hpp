#pragma once

#include "http/routes.hpp"

namespace dubber {

/// `POST /orchestrate`.
void orchestrate(const route_settings& with, const http_call_in& call,
                 const answer_callback& on_answer);

} // namespace dubber
