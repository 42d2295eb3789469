/** What operators see: figures for Prometheus, readiness, a line for each request. */
@NullMarked
package dev.akvavit.server.metrics;

import org.jspecify.annotations.NullMarked;
