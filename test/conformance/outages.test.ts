import { declareScenarios } from "./suite.js";

declareScenarios("outages");
