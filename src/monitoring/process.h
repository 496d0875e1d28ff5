/* What the system says of this process.  Private to monitoring. */
#ifndef CM_MONITORING_PROCESS_H
#define CM_MONITORING_PROCESS_H

/* NaN: the system does not say. */
typedef struct process_figures {
    double cpu_seconds;
    double resident_bytes, virtual_bytes;
    double open_fds, max_fds;
} process_figures;

process_figures process_read(void);

/* Seconds since 1970, NaN when not known.  To be asked once: two answers may
 * differ by the time that reading takes. */
double process_start_time(void);

#endif
