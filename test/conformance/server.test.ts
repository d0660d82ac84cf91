import { declareScenarios } from "./suite.js";

declareScenarios("server");
