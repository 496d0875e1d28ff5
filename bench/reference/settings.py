"""What configs/train_config.yaml says, for the two Python pipelines."""
TARGET = "click"
CTR_FEATURES = ["site_id", "site_domain", "site_category", "app_id",
                "app_category", "app_domain", "device_model", "device_type",
                "device_conn_type", "device_id_count", "device_ip_count",
                "banner_pos", "C1", "C14", "C15", "C16", "C17", "C18", "C19",
                "C20", "C21", "hour_of_day", "day_of_week",
                "hourly_user_count"]
TRAIN_PARAMS = dict(n_estimators=50, learning_rate=0.05, depth=5,
                    random_state=42, bagging_temperature=0.2)
