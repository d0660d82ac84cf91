import { declareScenarios } from "./suite.js";

declareScenarios("entries");
