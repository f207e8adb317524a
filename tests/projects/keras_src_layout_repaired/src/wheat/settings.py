class Settings:
    classes = 3
    loss = "sparse_categorical_crossentropy"


settings = Settings()
