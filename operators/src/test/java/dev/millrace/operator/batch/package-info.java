/** Tests of micro-batching: no Flink, no clock, no threads. */
package dev.millrace.operator.batch;
