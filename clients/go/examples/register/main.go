// Registers an MLflow server as a tracker, with its password in a secret, and a stack that logs to it.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/stepwell/stepwell/clients/go"
)

func main() {
	client, err := stepwell.New()
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	defer client.Close(ctx)
	// The daemon keeps it; no program that logs ever sees it.
	_, err = client.CreateSecret(ctx, "mlflow", map[string]string{"username": "ada", "password": os.Getenv("MLFLOW_PASSWORD")})
	if err != nil {
		log.Fatal(err)
	}
	tracker, err := client.RegisterTracker(ctx, stepwell.Tracker{Name: "server", Configuration: map[string]string{
		"tracking_uri":      "https://mlflow.example.com",
		"tracking_username": "{{mlflow.username}}",
		"tracking_password": "{{mlflow.password}}",
	}})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.RegisterStack(ctx, "server", []string{tracker.Name}, true); err != nil {
		log.Fatal(err)
	}
	stack, err := client.ActiveStack(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("runs go to %s of the stack %s\n", stack.Trackers[0].Name, stack.Name)
}
