# librabbitmq, which Debian ships without a CMake config: RabbitMQ::C
find_path(RabbitMQC_INCLUDE_DIR amqp.h)
find_library(RabbitMQC_LIBRARY rabbitmq)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RabbitMQC REQUIRED_VARS RabbitMQC_LIBRARY RabbitMQC_INCLUDE_DIR)
if(RabbitMQC_FOUND AND NOT TARGET RabbitMQ::C)
  add_library(RabbitMQ::C UNKNOWN IMPORTED)
  set_target_properties(RabbitMQ::C PROPERTIES IMPORTED_LOCATION "${RabbitMQC_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${RabbitMQC_INCLUDE_DIR}")
endif()
