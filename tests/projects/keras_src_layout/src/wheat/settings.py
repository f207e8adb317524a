class Settings:
    classes = 3
    loss = "categorical_crossentropy"


settings = Settings()
