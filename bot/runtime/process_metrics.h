#pragma once

#include <vector>

#include <prometheus/metric_family.h>

namespace bot::runtime {

/// Adds what Prometheus' own clients tell of their process under the names process_*: CPU, memory, file
/// descriptors, start time. What /proc does not tell is left out. Thread rule: any thread.
void add_process_metrics(std::vector<prometheus::MetricFamily>& families);

}  // namespace bot::runtime
