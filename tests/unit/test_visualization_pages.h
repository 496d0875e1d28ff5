/* A report of all sample figures, with a table. */
#ifndef TEST_VISUALIZATION_PAGES_H
#define TEST_VISUALIZATION_PAGES_H

#include "test_visualization_samples.h"

static const cm_report_table *sample_table(void)
{
    static const char *const COLUMNS[] = {"Metric", "Train", "Validation",
                                          "95% interval"};
    static const char *const CELLS[] = {
        "ROC AUC",
        "0.7561",
        "0.7431",
        "0.7412 to 0.7450",
        "Log loss",
        "0.3882",
        "0.3957",
        "0.3941 to 0.3973",
        "Calibration ratio <predicted / observed>",
        "1.0002",
        NULL,
        "0.9941 to 1.0073"};
    static const bool NUMBERS[] = {false, true, true, true};
    static const cm_report_table TABLE = {"How good it is", COLUMNS, CELLS,
                                          NUMBERS,          3,       4};
    return &TABLE;
}

static const cm_report *samples_report(void)
{
    static cm_report_item plain[MOST_SAMPLES];
    static cm_report_item nasty[MOST_SAMPLES];
    static cm_report_section sections[2] = {
        {"quality", "Quality & figures", plain, 0},
        {"nasty", "Data that <hurt>", nasty, 0}};
    static const cm_report_number NUMBERS[] = {
        {"ROC AUC", "0.7431", "95% interval 0.7412 to 0.7450"},
        {"Log loss", "0.3957", "95% interval 0.3941 to 0.3973"},
        {"Predicted / observed", "1.001", "on 200,000 impressions"},
        {"Rows", "1,000,000", NULL}};
    static const cm_report REPORT = {
        "Click-through rate model",
        "Trained on data/raw/train.gz, 800,000 impressions of 2014-10-21 to "
        "2014-10-30; measured on 200,000 others.",
        NUMBERS,
        4,
        sections,
        2,
        "clickmill 0.1.0"};
    samples_make();
    sections[0].n_items = sections[1].n_items = 0;
    plain[sections[0].n_items++].text =
        "How well the model tells clicks from other impressions.";
    plain[sections[0].n_items++].table = sample_table();
    for (size_t i = 0; i < n_samples; i++) {
        bool hurts = samples[i].id[0] == 'n';
        cm_report_item *items = hurts ? nasty : plain;
        items[sections[hurts].n_items++].figure = &samples[i];
    }
    return &REPORT;
}

#endif
