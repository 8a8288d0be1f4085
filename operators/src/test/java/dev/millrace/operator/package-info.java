/** Rules that hold across the operators' packages. */
package dev.millrace.operator;
